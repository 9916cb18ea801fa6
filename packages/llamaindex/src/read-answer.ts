import { reasons, type Recorder, type Run, type RunEnd } from '@trulayer/core/internal'

import { endBelow, endRun, endWithParts, failRun } from './end-run.ts'
import { deltaOf } from './map-answer.ts'
import { modelCallOf } from './model-call.ts'
import { type StreamListener, tapStream } from './tap-stream.ts'

/** Keeps a run open until the host has read the stream that it answered with, or has left it. */
export function readLater(recorder: Recorder, run: Run, stream: object): void {
  recorder.update(run, { held: true })
  tapStream(stream, new AnswerReader(recorder, run))
}

class AnswerReader implements StreamListener {
  readonly what = 'the stream of an answer'
  readonly #recorder: Recorder
  readonly #run: Run
  #text = ''

  constructor(recorder: Recorder, run: Run) {
    this.#recorder = recorder
    this.#run = run
  }

  part(part: unknown): void {
    this.#recorder.touch(this.#run)
    this.#text += deltaOf(part)
  }

  done(): void {
    endRun(this.#recorder, this.#run, { ...this.#output(), answer: this.#text, isAnswer: true })
  }

  failed(error: unknown): void {
    failBelow(this.#recorder, this.#run, error)
    failRun(this.#recorder, this.#run, error, this.#output())
  }

  left(): void {
    this.#close({ status: 'cancelled', reason: reasons.readerLeft })
  }

  collected(): void {
    this.#close({ status: 'incomplete', reason: reasons.neverRead })
  }

  handedOn(): void {
    endWithParts(this.#recorder, this.#run)
  }

  #close(end: RunEnd): void {
    closeBelow(this.#recorder, this.#run, end)
    endRun(this.#recorder, this.#run, { ...this.#output(), ...end })
  }

  #output(): RunEnd {
    return { output: this.#text === '' ? undefined : this.#text }
  }
}

/** Ends what is open below a run that was left, with what has come so far. */
function closeBelow(recorder: Recorder, above: Run, end: RunEnd): void {
  endBelow(recorder, above, (run) => closePart(recorder, run, end))
}

/** Ends what is open below a run that failed: the innermost is where it went wrong. */
export function failBelow(recorder: Recorder, above: Run, error: unknown): void {
  endBelow(recorder, above, (run) => failPart(recorder, run, error))
}

/** Ends a run, with what has come of it so far. */
export function closePart(recorder: Recorder, run: Run, end: RunEnd): void {
  const call = modelCallOf(run)
  if (call === undefined) {
    recorder.end(run, end)
  } else {
    call.close(end)
  }
}

/** Fails a run, with what has come of it so far. */
export function failPart(recorder: Recorder, run: Run, error: unknown): void {
  const call = modelCallOf(run)
  if (call === undefined) {
    failRun(recorder, run, error)
  } else {
    call.failed(error)
  }
}
