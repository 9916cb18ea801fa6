import { describeSet } from '../describe-set.ts'
import * as sdk from './sdk.ts'

describeSet({ name: '7.0.0', ...sdk })
