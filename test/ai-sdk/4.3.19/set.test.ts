import { describeSet } from '../describe-set.ts'
import * as sdk from './sdk.ts'

describeSet({ name: '4.3.19', ...sdk })
