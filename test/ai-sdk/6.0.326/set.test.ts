import { describeSet } from '../describe-set.ts'
import * as sdk from './sdk.ts'

describeSet({ name: '6.0.326', ...sdk })
