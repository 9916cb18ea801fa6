import * as ai5 from 'ai-5'
import * as mocks5 from 'ai-5/test'
import * as ai6 from 'ai-6'
import * as mocks6 from 'ai-6/test'
import { z } from 'zod'

export const sdks = [
  { name: '5.0.277', ai: ai5, mocks: mocks5, z },
  { name: '6.0.326', ai: ai6, mocks: mocks6, z },
]
