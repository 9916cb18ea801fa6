import { monotonicClock, wallClock } from '../runtime/clock.ts'
import { shared } from '../runtime/shared-state.ts'
import { startTimer, type Timer } from '../runtime/timers.ts'
import { errorText } from '../shape/error-text.ts'
import { createId, toUuid } from '../shape/ids.ts'
import type { JsonValue } from '../shape/json.ts'
import { snapshot, type Snapshot } from '../shape/safe-json.ts'
import type { Message } from '../shape/messages.ts'
import { isRecord } from '../shape/read.ts'
import { joinMessages, snapshotMessages } from '../shape/snapshot-messages.ts'
import { attributes } from '../shape/attributes.ts'
import type { FailedEnd } from '../shape/stop.ts'
import type { FinishedTrace, SpanStatus, TraceSource } from '../shape/trace.ts'
import { addUsage, normalizeUsage, toCost } from '../shape/usage.ts'
import { BoundedMap } from './bounded-map.ts'
import { type ClaimedCall, Claims } from './claims.ts'
import { type CompletionLimits, deadlineOf, isComplete } from './completion.ts'
import { guard } from './guard.ts'
import { ambientKeys, currentFrame, type Frame, toTagMap } from './context.ts'
import { LeftRuns } from './left-runs.ts'
import { Definitions, type KeptDefinitions } from './definitions.ts'
import { countSpans, projectTurn, type ProjectionOptions } from './projection.ts'
import { type Moment, Postponed } from './postponed.ts'
import { Run, type RunEnd, type RunFields, type RunStart } from './run.ts'
import { sessionRank, Turn } from './turn.ts'

/** Bounds of what is recorded, all of them options of the client. */
export interface RecorderLimits extends CompletionLimits {
  /** Turns that are open at the same time. */
  readonly openTurns: number
  /** Rough bytes that open turns hold. */
  readonly openTurnBytes: number
  /** Spans that one trace shows. */
  readonly spansPerTrace: number
  /** Rough bytes of one input, output or metadata value. */
  readonly fieldBytes: number
  /** Bytes of the tool definitions of one model call, and of its response schema. */
  readonly toolDefinitionBytes: number
}

/** What a recorder is made with. */
export interface RecorderOptions {
  readonly limits: RecorderLimits
  readonly recordInputs: boolean
  readonly recordOutputs: boolean
  readonly projection: ProjectionOptions
  /** False while nothing is to be recorded; asked whenever a turn is about to begin. */
  isEnabled(): boolean
  /** False where what happens must be recorded at once. Asked when nothing waits. */
  mayPostpone(): boolean
  /** Hears of each turn that is over, on the stack of the run that ended last. Its trace is made when it is read. */
  onFinished(turn: TraceSource): void
}

/** What a recorder has seen. */
export interface RecorderStats {
  readonly open: number
  readonly recordedTraces: number
  readonly recordedSpans: number
  /** Runs whose trace had left when they came. */
  readonly late: number
  /** Runs beyond the limit of their trace. */
  readonly hiddenSpans: number
  /** Turns that left early because a bound was reached, by bound. */
  readonly cut: Readonly<Record<string, number>>
}

const REMEMBERED_KEYS = 20_000
const REMEMBERED_IDS = 20_000
const MAX_CAUSES = 8
const LONGEST_ERROR = 65_536
const SWEEP_PAUSE = 50
const TOUCH_PAUSE = 1000
/* A larger turn is not kept alive once its trace is made. */
const SMALL_TURN = 65_536
/* What a run costs besides its payload, so that a flood of empty ones is bounded too. */
const BYTES_PER_RUN = 500

const NO_KEYS: readonly string[] = []
const NOTHING: RunEnd = {}

/* Two traces of one process never have one id, whichever client or copy made them. */
const usedTraceIds = /* @__PURE__ */ shared(
  'traceIds',
  () => new BoundedMap<string, true>(REMEMBERED_IDS),
)

/**
 * Keeps the open turns of one client: takes starts, updates and ends of runs in whatever order a framework tells them,
 * and hands on each trace once, whole, when its turn is over.
 *
 * Starts and ends are idempotent: the first terminal state of a run wins, and a key that is open starts nothing.
 */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #fieldLimits: { readonly maxBytes: number }
  /* In order of their latest event: the first is the one that has been silent longest. */
  readonly #turns = new Set<Turn>()
  readonly #postponed = new Postponed()
  readonly #runs = new Map<string, Run>()
  readonly #left = new LeftRuns(REMEMBERED_KEYS)
  /* The last of them, which most events concern again. */
  #latest: Turn | undefined
  /*
   * One that has left. When nothing is left of a kind of object, V8 forgets its shape, and throws away all that it has
   * compiled for it: without this a server that is idle whenever garbage is collected never becomes fast.
   */
  #kept: Turn | undefined
  #bytes = 0
  #sweep: { readonly timer: Timer; readonly at: number } | undefined
  #recordedTraces = 0
  #recordedSpans = 0
  #late = 0
  #hiddenSpans = 0
  readonly #cut: Record<string, number> = {}
  readonly #definitions: Definitions
  readonly #claims = new Claims()

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#fieldLimits = { maxBytes: options.limits.fieldBytes }
    this.#definitions = new Definitions(options.limits.toolDefinitionBytes)
  }

  /**
   * Records something a little later as if now, which costs far less where a framework tells of much: in the order in which
   * it happened, and before this recorder is asked or told anything else. Where nothing may wait it is done at once.
   *
   * @param where - what is recorded, for the line that tells of a fault in it
   * @param record - uses the recorder, and reads nothing that the host may have changed meanwhile
   * @param isStart - true where it may start a run whose parent only the context knows
   */
  later(where: string, record: () => void, isStart = false): void {
    const isWaiting = !this.#postponed.isEmpty
    if (this.#moment !== undefined || !(isWaiting || this.#options.mayPostpone())) {
      guard(where, record)
      return
    }
    this.#postponed.add({
      at: monotonicClock(),
      frame: currentFrame(),
      ambientKeys: isStart ? ambientKeys() : NO_KEYS,
      where,
      record,
    })
  }

  /** Records what waits. Whatever depends on it does so by itself. */
  settle(): void {
    this.#postponed.settle()
  }

  /** The monotonic clock as it stood when that happened which is being recorded. */
  now(): number {
    return this.#moment?.at ?? monotonicClock()
  }

  /** Copies a value as it is now, to be recorded later as an input or an output. */
  keep(value: unknown): Snapshot | undefined {
    return value === undefined ? undefined : snapshot(value, this.#fieldLimits)
  }

  /** A copy of what the provider of a model reported, where the client has a `costOf` that receives it. */
  keepProviderMetadata(value: unknown): Snapshot | undefined {
    return this.#options.projection.costOf === undefined ? undefined : this.keep(value)
  }

  /** A copy of the tools that a model may call, in the form of any provider, and of the JSON Schema of its answer. */
  keepDefinitions(source: {
    readonly tools?: unknown
    readonly responseSchema?: unknown
  }): KeptDefinitions | undefined {
    return this.#definitions.keep(source)
  }

  /** The same for messages that the adapter has made and nobody else holds. */
  keepMessages(messages: readonly Message[]): Snapshot {
    return snapshotMessages(messages, this.#fieldLimits)
  }

  /** One list of what `keepMessages` has copied, which is not copied again. */
  joinMessages(lists: readonly Snapshot[]): Snapshot {
    return joinMessages(lists, this.#fieldLimits)
  }

  /**
   * Starts a run. The parent is the explicit one, else the innermost active one; without either the run is the root of a
   * new turn.
   *
   * @returns the run; the one that is open already when its key is; `undefined` when nothing is recorded, because the
   *   client records nothing, the caller suppressed it, or the trace of its parent has left
   */
  start(start: RunStart): Run | undefined {
    this.settle()
    const frame = this.#frame()
    if (frame.isSuppressed === true) {
      return undefined
    }
    const known = start.key === undefined ? undefined : this.#runs.get(start.key)
    if (known?.isOpen === true) {
      return known
    }
    const place = this.#parentOf(start, frame)
    if (place === 'left') {
      this.#late += 1
      this.#noteLate(start)
      return undefined
    }
    const claimed = this.#claimed(start, place)
    const parent = claimed?.parent ?? place
    if (parent === undefined && !this.#options.isEnabled()) {
      return undefined
    }
    const now = this.now()
    const turn = parent?.turn ?? this.#begin(start, frame, now)
    const run = new Run({
      key: start.key,
      turn,
      parent,
      type: start.type,
      startedAt: Math.min(now, Math.max(start.startedAt ?? now, turn.root?.startedAt ?? now)),
      name: this.#nameOf(start, frame, parent),
      recordInputs: start.recordInputs ?? parent?.recordInputs ?? this.#options.recordInputs,
      recordOutputs: start.recordOutputs ?? parent?.recordOutputs ?? this.#options.recordOutputs,
      onClose: start.onClose,
      claimedBy: start.type === 'llm' ? claimed?.call : undefined,
    })
    this.#add(run)
    if (claimed !== undefined) {
      this.#claims.note(claimed, run)
    }
    if (start.claims !== undefined) {
      this.#claims.add(run, start.claims)
    }
    this.#applyFields(run, start)
    this.#touch(turn, now)
    return run
  }

  /** The run with that key, as long as its trace has not left. */
  find(key: string): Run | undefined {
    this.settle()
    return this.#runs.get(key)
  }

  /** Like `find`, of what is recorded already: a run that waits to be recorded is not there yet. */
  peek(key: string): Run | undefined {
    return this.#runs.get(key)
  }

  /** The id of the trace that holds the run with that key, for a while after the trace has left as well. */
  traceIdOf(key: string): string | undefined {
    this.settle()
    return this.#runs.get(key)?.turn.id ?? toUuid(this.#left.traceIdOf(key))
  }

  /** Whether the trace with that id has not left yet. */
  hasOpenTrace(traceId: string): boolean {
    this.settle()
    for (const turn of this.#turns) {
      if (turn.id === traceId) {
        return true
      }
    }
    return false
  }

  /** Whether a trace of this process has that id, or had it not long ago. */
  hasUsed(traceId: string): boolean {
    this.settle()
    return usedTraceIds.has(traceId)
  }

  /** Tells more of a run. Possible until its trace leaves; what comes later is counted as late. */
  update(run: Run | undefined, fields: RunFields): void {
    this.settle()
    if (run === undefined || run.turn.hasLeft) {
      this.#late += run === undefined ? 0 : 1
      return
    }
    this.#apply(run, fields)
    this.#touch(run.turn, this.now())
  }

  /**
   * Tells that a run goes on, as the parts of a stream do that come by the hundred: a trace in which something happens is
   * not taken for abandoned. Nearly free.
   */
  touch(run: Run | undefined): void {
    this.settle()
    const now = this.now()
    if (run !== undefined && !run.turn.hasLeft && now - run.turn.lastEventAt > TOUCH_PAUSE) {
      this.#touch(run.turn, now)
    }
  }

  /** Ends a run. The first end wins. */
  end(run: Run | undefined, end: RunEnd = NOTHING): void {
    this.settle()
    if (run === undefined) {
      return
    }
    if (run.turn.hasLeft) {
      this.#late += 1
      return
    }
    if (!run.isOpen) {
      return
    }
    const now = this.now()
    if (end !== NOTHING) {
      this.#apply(run, end)
    }
    this.#close(run, end, Math.min(now, Math.max(run.startedAt, end.endedAt ?? now)))
    this.#touch(run.turn, now)
    if (isComplete(run.turn)) {
      this.#leave(run.turn)
    }
  }

  /** Ends a run with an error: what the host's function threw, or what the framework reported. */
  fail(run: Run | undefined, error: unknown, end: RunEnd = {}): void {
    this.end(run, { ...end, status: 'error', error })
  }

  /**
   * Replaces how a run ended, where the end of the run around it shows the cause. Nothing happens once its trace has left.
   */
  revise(run: Run, { status, reason, error }: FailedEnd): void {
    if (run.isOpen || run.turn.hasLeft) {
      return
    }
    run.status = status
    run.error = error === undefined ? undefined : captureError(run, error)
    run.isErrorOrigin = false
    run.metadata = { ...run.metadata }
    delete run.metadata[attributes.reason]
    if (reason !== undefined) {
      run.metadata[attributes.reason] = reason
    }
  }

  /** Adds an event to a run, or to the active one. Without any it is lost, for a trace is needed to hold it. */
  event(
    run: Run | undefined,
    message: string,
    details: {
      readonly level?: 'info' | 'warn' | 'error' | undefined
      readonly metadata?: Readonly<Record<string, unknown>> | undefined
    } = {},
  ): void {
    this.settle()
    const turn = run?.turn
    if (run === undefined || turn === undefined || turn.hasLeft) {
      return
    }
    const now = this.now()
    turn.events.push({
      id: createId(turn.toWallClock(now)),
      run: run === turn.root && run.type === 'other' ? undefined : run,
      level: details.level ?? 'info',
      message,
      metadata: this.#metadata(turn, details.metadata),
    })
    this.#touch(turn, now)
  }

  /** The innermost active run: of the frame and of every look-up, without those that have ended. */
  active(frame: Frame = this.#frame()): Run | undefined {
    this.settle()
    let innermost: Run | undefined
    for (const run of frame.runs) {
      if (run.turn.owner === this) {
        innermost = innerOf(innermost, run.nearestOpen())
      }
    }
    for (const key of this.#moment?.ambientKeys ?? ambientKeys()) {
      innermost = innerOf(innermost, this.#runs.get(key)?.nearestOpen())
    }
    return innermost
  }

  /** False where a run that starts here without a parent is certainly the root of a new turn. */
  hasContext(): boolean {
    return this.#frame().runs.length > 0 || ambientKeys().length > 0
  }

  /** Closes every open turn as `incomplete` (`cancelled` where its root was) and hands its trace on. */
  closeAll(): void {
    this.settle()
    for (const turn of this.#turns) {
      this.#leave(turn)
    }
  }

  /** Whether a turn that began in this call has a stream which the host holds. */
  isHeld(call: object): boolean {
    this.settle()
    return [...this.#turns].some((turn) => turn.call === call && turn.heldRuns > 0)
  }

  /** Like `closeAll`, for the turns that began in this call. */
  closeCall(call: object): void {
    this.settle()
    for (const turn of this.#turns) {
      if (turn.call === call) {
        this.#leave(turn)
      }
    }
  }

  stats(): RecorderStats {
    this.settle()
    return {
      open: this.#turns.size,
      recordedTraces: this.#recordedTraces,
      recordedSpans: this.#recordedSpans,
      late: this.#late,
      hiddenSpans: this.#hiddenSpans,
      cut: { ...this.#cut },
    }
  }

  get #moment(): Moment | undefined {
    return this.#postponed.moment
  }

  #frame(): Frame {
    return this.#moment?.frame ?? currentFrame()
  }

  #parentOf(start: RunStart, frame: Frame): Run | 'left' | undefined {
    if (start.newTrace === true) {
      return undefined
    }
    if (start.parent !== undefined) {
      return start.parent.turn.hasLeft ? 'left' : start.parent
    }
    if (start.parentKey !== undefined) {
      const parent = this.#runs.get(start.parentKey)
      if (parent !== undefined) {
        return start.isParentAmbient === true ? this.#nearerThan(parent, frame) : parent
      }
      if (this.#left.traceIdOf(start.parentKey) !== undefined) {
        return 'left'
      }
    }
    return this.active(frame)
  }

  /* The operation around a call that is recorded already is folded as well; what else runs in it moves up. */
  #claimed(start: RunStart, parent: Run | undefined): ClaimedCall | undefined {
    const claimed = this.#claims.find(start, parent)
    if (claimed?.operation !== undefined) {
      this.#applyFields(claimed.operation, { folded: true })
    }
    return claimed
  }

  /* What comes of a late run is late as well, and belongs to the same trace. */
  #noteLate({ key, parent, parentKey }: RunStart): void {
    if (key !== undefined) {
      const above = parentKey === undefined ? undefined : this.#left.traceIdOf(parentKey)
      this.#runs.delete(key)
      this.#left.add(parent?.turn.id ?? above ?? '', [key])
    }
  }

  #nearerThan(parent: Run, frame: Frame): Run {
    const active = this.active(frame)
    return active !== undefined && active.isInside(parent) ? active : parent
  }

  #begin(start: RunStart, frame: Frame, now: number): Turn {
    // By the clock as it stands now, less the time that it waited to be recorded.
    const wallAnchor = wallClock() - (this.#moment === undefined ? 0 : monotonicClock() - now)
    const turn = new Turn({
      id: traceIdOf(start, wallAnchor),
      owner: this,
      wallAnchor,
      monotonicAnchor: now,
      call: frame.call,
    })
    usedTraceIds.set(turn.id, true)
    turn.name = frame.session?.traceName === undefined ? start.traceName : undefined
    turn.externalId =
      start.traceId !== undefined && toUuid(start.traceId) === undefined ? start.traceId : undefined
    if (frame.session !== undefined) {
      turn.offerSession(idText(frame.session.sessionId), sessionRank.context)
      turn.userId = idText(frame.session.userId)
      Object.assign(turn.tags, toTagMap(frame.session.tags))
      Object.assign(turn.metadata, this.#metadata(turn, frame.session.metadata))
    }
    if (this.#turns.size >= this.#options.limits.openTurns) {
      this.#cutStalest('turns')
    }
    this.#turns.add(turn)
    return turn
  }

  #nameOf(start: RunStart, frame: Frame, parent: Run | undefined): string {
    const name = parent === undefined ? (frame.session?.traceName ?? start.name) : start.name
    return name === '' ? start.type : name
  }

  #add(run: Run): void {
    const { turn } = run
    if (turn.shownRuns >= this.#options.limits.spansPerTrace) {
      run.isShown = false
      turn.hiddenRuns += 1
      turn.hide(run)
      this.#hiddenSpans += 1
    } else {
      turn.runs.push(run)
      turn.shownRuns += run.isFolded ? 0 : 1
    }
    turn.openRuns += 1
    this.#hold(turn, BYTES_PER_RUN)
    if (run.key !== undefined) {
      this.#runs.set(run.key, run)
    }
  }

  #apply(run: Run, fields: RunFields): void {
    run.name = fields.name === undefined || fields.name === '' ? run.name : fields.name
    this.#applyFields(run, fields)
  }

  /* All but the name, which a start has settled. */
  #applyFields(run: Run, fields: RunFields): void {
    const { turn } = run
    if (fields.folded !== undefined && fields.folded !== run.isFolded) {
      run.isFolded = fields.folded
      turn.shownRuns += run.isShown ? (fields.folded ? -1 : 1) : 0
    }
    if (fields.held !== undefined && run.isOpen && fields.held !== run.isHeld) {
      run.isHeld = fields.held
      turn.heldRuns += fields.held ? 1 : -1
    }
    run.type = fields.type ?? run.type
    if (run.claimedBy !== undefined) {
      run.usage = normalizeUsage(fields.usage) ?? run.usage
      run.reportedCost = toCost(fields.reportedCost) ?? run.reportedCost
    } else if (run.isShown) {
      this.#applyPayload(run, fields)
    }
    if (fields.tags !== undefined) {
      setTags(turn.tags, toTagMap(fields.tags))
    }
    turn.userId = idText(fields.userId) ?? turn.userId ?? idText(fields.resourceId)
    turn.externalId = idText(fields.externalId) ?? turn.externalId
    turn.offerSession(idText(fields.sessionId), sessionRank.call)
    turn.offerSession(idText(fields.conversationId), sessionRank.conversation)
  }

  #applyPayload(run: Run, fields: RunFields): void {
    if (run.recordInputs) {
      const input = fields.keptInput ?? this.#keepEither(fields.inputMessages, fields.input)
      run.input = input === undefined ? run.input : this.#keep(run.turn, input)
    }
    if (run.recordOutputs) {
      const output = fields.keptOutput ?? this.#keepEither(fields.outputMessages, fields.output)
      run.output = output === undefined ? run.output : this.#keep(run.turn, output)
    }
    run.model = fields.model ?? run.model
    run.usage = normalizeUsage(fields.usage) ?? run.usage
    run.cost = toCost(fields.cost) ?? run.cost
    run.reportedCost = toCost(fields.reportedCost) ?? run.reportedCost
    if (fields.providerMetadata !== undefined && this.#options.projection.costOf !== undefined) {
      run.providerMetadata = this.#copy(run.turn, fields.providerMetadata)
    }
    if (fields.handledError !== undefined) {
      run.error = captureError(run, fields.handledError)
      run.isErrorOrigin = isOrigin(run.turn, fields.handledError)
    }
    if (fields.definitions !== undefined && run.recordInputs) {
      // Shared by all steps of a turn, so that they are not counted for each of them.
      run.metadata = { ...run.metadata, ...fields.definitions }
    }
    if (fields.metadata !== undefined) {
      const metadata = this.#metadata(run.turn, fields.metadata)
      run.metadata = run.metadata === undefined ? metadata : Object.assign(run.metadata, metadata)
    }
  }

  #keepEither(messages: readonly Message[] | undefined, value: unknown): Snapshot | undefined {
    return messages === undefined ? this.keep(value) : this.keepMessages(messages)
  }

  #copy(turn: Turn, value: unknown): JsonValue {
    return this.#keep(turn, snapshot(value, this.#fieldLimits))
  }

  #keep(turn: Turn, copy: Snapshot): JsonValue {
    this.#hold(turn, copy.bytes)
    return copy.value
  }

  #hold(turn: Turn, bytes: number): void {
    turn.bytes += bytes
    this.#bytes += bytes
  }

  #metadata(
    turn: Turn,
    metadata: Readonly<Record<string, unknown>> | undefined,
  ): Record<string, JsonValue> {
    const result: Record<string, JsonValue> = {}
    if (!isRecord(metadata)) {
      return result
    }
    for (const key of Object.keys(metadata)) {
      const value = metadata[key]
      if (value !== undefined) {
        result[key] = this.#copy(turn, value)
      }
    }
    return result
  }

  #applyLast(run: Run): void {
    const fields = guard('what was open at the end', () => run.onClose?.())
    if (fields !== undefined) {
      this.#apply(run, fields)
    }
  }

  #close(run: Run, end: RunEnd, endedAt: number): void {
    const { turn } = run
    run.onClose = undefined
    const below = this.#claims.delete(run)
    if (below?.isHeld === true) {
      // The stream of the same call, which the framework above reads no further.
      this.#applyFields(below, { held: false })
    }
    // What the library below was billed is what the call cost, where its framework does not tell.
    run.usage ??= run.usageBelow
    run.reportedCost ??= run.costBelow
    if (run.claimedBy !== undefined) {
      run.claimedBy.usageBelow = addUsage(run.claimedBy.usageBelow, run.usage)
      if (run.reportedCost !== undefined) {
        run.claimedBy.costBelow = (run.claimedBy.costBelow ?? 0) + run.reportedCost
      }
    }
    const status: SpanStatus = end.status ?? (run.error === undefined ? 'ok' : 'error')
    if (status === 'error' && end.error !== undefined) {
      run.error = captureError(run, end.error, end.errorMessage)
      run.isErrorOrigin = isOrigin(turn, end.error)
    }
    run.status = status
    run.endedAt = endedAt
    if (end.reason !== undefined) {
      run.metadata = { ...run.metadata, [attributes.reason]: end.reason }
    }
    turn.openRuns -= 1
    if (run.isHeld) {
      turn.heldRuns -= 1
    }
    if (!run.isShown) {
      turn.unhide(run)
      if (run.key !== undefined) {
        this.#runs.delete(run.key)
      }
    }
  }

  #touch(turn: Turn, now: number): void {
    turn.lastEventAt = now
    if (turn !== this.#latest) {
      this.#turns.delete(turn)
      this.#turns.add(turn)
      this.#latest = turn
    }
    while (this.#bytes > this.#options.limits.openTurnBytes && this.#turns.size > 0) {
      this.#cutStalest('bytes')
    }
    if (!turn.hasLeft) {
      this.#sweepAt(deadlineOf(turn, this.#options.limits), now)
    }
  }

  #cutStalest(bound: string): void {
    const [stalest] = this.#turns
    if (stalest !== undefined) {
      this.#cut[bound] = (this.#cut[bound] ?? 0) + 1
      this.#leave(stalest)
    }
  }

  #leave(turn: Turn): void {
    const { root } = turn
    this.#turns.delete(turn)
    this.#latest = undefined
    if (root === undefined || turn.hasLeft) {
      return
    }
    const left: SpanStatus = root.status === 'cancelled' ? 'cancelled' : 'incomplete'
    const keys: string[] = []
    for (const run of turn.runs) {
      this.#leaveRun(run, left, keys)
    }
    for (const run of turn.hiddenOpenRuns()) {
      this.#leaveRun(run, left, keys)
    }
    this.#left.add(turn.id, keys)
    turn.hasLeft = true
    this.#bytes -= turn.bytes
    this.#recordedTraces += 1
    this.#recordedSpans += countSpans(turn, root)
    let trace: FinishedTrace | undefined
    this.#options.onFinished({
      traceId: turn.id,
      read: () => {
        if (trace === undefined) {
          trace = projectTurn(turn, root, this.#options.projection)
          this.#letGo(turn)
        }
        return trace
      },
    })
  }

  #letGo(turn: Turn): void {
    turn.release()
    if (turn.bytes > SMALL_TURN) {
      turn.forget()
    } else {
      this.#kept?.forget()
      this.#kept = turn
    }
  }

  #leaveRun(run: Run, status: SpanStatus, keys: string[]): void {
    if (run.isOpen) {
      this.#applyLast(run)
      this.#close(run, { status }, run.turn.lastEventAt)
    }
    if (run.key !== undefined) {
      this.#runs.delete(run.key)
      keys.push(run.key)
    }
  }

  /* One timer for all turns, for the nearest deadline that is known. Events move deadlines back, not the timer. */
  #sweepAt(deadline: number, now: number): void {
    // A timer that should have come long ago never will: the request of the host that started it is over (Workers).
    const isArmed = this.#sweep !== undefined && this.#sweep.at > now - TOUCH_PAUSE
    if (this.#sweep !== undefined && isArmed && this.#sweep.at <= deadline) {
      return
    }
    this.#sweep?.timer.stop()
    const pause = Math.max(SWEEP_PAUSE, deadline - now)
    // Where nothing may be postponed, a trace that leaves by this timer must still find its request.
    const detached = this.#options.mayPostpone()
    const timer = startTimer(() => this.#sweepNow(), pause, { detached })
    this.#sweep = { timer, at: deadline }
  }

  #sweepNow(): void {
    this.settle()
    this.#sweep = undefined
    const now = monotonicClock()
    let next = Number.POSITIVE_INFINITY
    for (const turn of this.#turns) {
      const deadline = deadlineOf(turn, this.#options.limits)
      if (deadline <= now) {
        this.#leave(turn)
      } else {
        next = Math.min(next, deadline)
      }
    }
    if (next < Number.POSITIVE_INFINITY) {
      this.#sweepAt(next, now)
    }
  }
}

/*
 * More of it than is sent: what is cut here is cut before secrets are looked for, and half of one would not be found.
 * Messages quote inputs as well as outputs.
 */
function captureError(run: Run, error: unknown, message?: string): string {
  return errorText(error, {
    detail: run.recordInputs && run.recordOutputs,
    message,
    maxLength: LONGEST_ERROR,
  })
}

function innerOf(one: Run | undefined, other: Run | undefined): Run | undefined {
  if (one === undefined || other === undefined) {
    return one ?? other
  }
  if (one.isInside(other)) {
    return one
  }
  if (other.isInside(one)) {
    return other
  }
  return other.startedAt >= one.startedAt ? other : one
}

/* Callers without a type checker hand over the numbers of their database. */
function idText(id: unknown): string | undefined {
  return typeof id === 'number' || typeof id === 'bigint'
    ? String(id)
    : typeof id === 'string'
      ? id
      : undefined
}

/* What is set last stands last, as a limit keeps the last ones. */
function setTags(tags: Record<string, string>, more: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(more)) {
    delete tags[key]
    tags[key] = value
  }
}

function traceIdOf(start: RunStart, now: number): string {
  const wanted = toUuid(start.traceId)
  return wanted === undefined || usedTraceIds.has(wanted) ? createId(now) : wanted
}

/* An error that travels up is told by every run on its way; one that wraps it travels for it. */
function isOrigin(turn: Turn, error: unknown): boolean {
  let isFirst = true
  let link: unknown = error
  for (let depth = 0; depth < MAX_CAUSES && link !== undefined && link !== null; depth += 1) {
    isFirst = turn.noteError(link) && isFirst
    link = typeof link === 'object' ? causeOf(link) : undefined
  }
  return isFirst
}

function causeOf(error: object): unknown {
  try {
    return Reflect.get(error, 'cause')
  } catch {
    // A getter of the host that throws ends the chain.
    return undefined
  }
}
