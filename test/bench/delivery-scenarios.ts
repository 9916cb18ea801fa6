import type { Fault } from './sink.ts'

/** What a system goes through. Traces are numbered in the order in which they are offered. */
export interface Scenario {
  readonly name: string
  /** Traces a second, for so long, with the fault; a burst offers all of them in one tick. */
  readonly rate: number
  readonly seconds: number
  readonly isBurst?: boolean
  readonly fault: Fault
  /** The load goes on so long after the fault is gone. */
  readonly after?: { readonly rate: number; readonly seconds: number }
  /** How long closing may take, in seconds. */
  readonly budget: number
  /** True where the machine is busy: such a scenario runs alone. */
  readonly isHeavy?: boolean
  /** Every trace is refused by the service for good: lost ones are no fault of the system, requests tell it apart. */
  readonly isHopeless?: boolean
  readonly isLong?: boolean
}

const NONE: Fault = { kind: 'none' }
const RETRY_AFTER = { 'retry-after': '5' }

/** Everything that systems are put through. `quick` is shorter in all of it. */
export function scenarios(quick: boolean): Scenario[] {
  const part = quick ? 0.4 : 1
  const seconds = (whole: number): number => Math.ceil(whole * part)
  const fault = (status: number): Fault => ({ kind: 'status', status })
  const light = { rate: 100, after: { rate: 100, seconds: seconds(10) } }
  return [
    {
      name: 'steady 1000/s',
      rate: 1000,
      seconds: seconds(10),
      fault: NONE,
      budget: 20,
      isHeavy: true,
    },
    {
      name: 'burst 10,000',
      rate: 10_000,
      seconds: 1,
      isBurst: true,
      fault: NONE,
      budget: 30,
      isHeavy: true,
    },
    { name: 'refused', ...light, seconds: seconds(10), fault: { kind: 'refused' }, budget: 30 },
    { name: 'hangs', ...light, seconds: seconds(20), fault: { kind: 'hang' }, budget: 30 },
    {
      name: '429, Retry-After 5',
      ...light,
      seconds: seconds(15),
      fault: { kind: 'status', status: 429, headers: RETRY_AFTER },
      budget: 30,
    },
    {
      name: '500 twice a batch',
      rate: 100,
      seconds: seconds(10),
      fault: { kind: 'twice', status: 500 },
      budget: 30,
    },
    {
      name: '413 above 60 KB',
      rate: 400,
      seconds: 1,
      isBurst: true,
      fault: { kind: 'too-large', bytes: 60_000 },
      budget: 20,
    },
    ...[401, 403, 400].map((status) => ({
      name: String(status),
      rate: 100,
      seconds: seconds(8),
      fault: fault(status),
      budget: 10,
      isHopeless: true,
    })),
    {
      name: 'refused 60 s, 1000/s',
      rate: 1000,
      seconds: 60,
      fault: { kind: 'refused' },
      after: { rate: 100, seconds: 15 },
      budget: 45,
      isHeavy: true,
      isLong: true,
    },
    {
      name: 'hangs 60 s, 1000/s',
      rate: 1000,
      seconds: 60,
      fault: { kind: 'hang' },
      after: { rate: 100, seconds: 15 },
      budget: 45,
      isHeavy: true,
      isLong: true,
    },
  ]
}

/** The ways in which a process ends. */
export const endings = [
  'natural',
  'SIGTERM',
  'SIGINT',
  'process.exit(0)',
  'uncaught',
  'own handler',
] as const
