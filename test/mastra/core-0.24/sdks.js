import * as ai4 from 'ai-4'
import * as mocks4 from 'ai-4/test'
import * as ai5 from 'ai-5'
import * as mocks5 from 'ai-5/test'
import { z } from 'zod'

export const sdks = [
  { name: '4.3.19', ai: ai4, mocks: mocks4, z },
  { name: '5.0.277', ai: ai5, mocks: mocks5, z },
]
