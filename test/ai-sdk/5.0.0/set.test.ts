import { describeSet } from '../describe-set.ts'
import * as sdk from './sdk.ts'

describeSet({ name: '5.0.0', ...sdk })
