import { describeTogether } from '../describe-together.ts'
import { mocksOfSeven, mocksOfSix, seven, six, z } from './sdk.ts'

describeTogether(
  { name: '6.0.326', ai: six, mocks: mocksOfSix, z },
  { name: '7.0.173', ai: seven, mocks: mocksOfSeven, z },
)
