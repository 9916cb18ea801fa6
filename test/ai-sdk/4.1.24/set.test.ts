import { describeSet } from '../describe-set.ts'
import * as sdk from './sdk.ts'

describeSet({ name: '4.1.24', ...sdk })
