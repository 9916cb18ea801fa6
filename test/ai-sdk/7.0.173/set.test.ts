import { describeSet } from '../describe-set.ts'
import { runRegistration } from '../registration.ts'
import * as sdk from './sdk.ts'

const set = { name: '7.0.173', ...sdk }

describeSet(set)
runRegistration(set)
