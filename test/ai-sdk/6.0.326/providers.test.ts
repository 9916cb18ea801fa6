import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'

import { describeProviders } from '../describe-providers.ts'
import * as generations from '../providers/generations.ts'
import * as sdk from './sdk.ts'

describeProviders({ name: '6.0.326', ...sdk }, { createOpenAI, createAnthropic, generations })
