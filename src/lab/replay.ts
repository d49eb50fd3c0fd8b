// lab.replay(): the message of a dead letter again, on the CPU device, with what it met; line by line, up to the one that fails.
import { inspect } from 'node:util'
import { requireLetter, type DeadLetter, type KeptLetter } from '../runtime/dead-letters.js'
import type { Definition } from '../runtime/definition.js'
import { replayed, type Replayed } from '../runtime/insight.js'
import { struct, structCodec } from '../schema/index.js'
import { sourceStepsBundle, type Excerpt } from '../view/source-steps.js'
import { copied, type GivenBuffers } from './buffer-contents.js'

/** The last lines that are shown; all that were kept are in `steps`. */
const SHOWN_MAX = 24

export interface ReplayOptions {
  /** One of each of the definition's `buffers`, with what the message met in it: its contents are copied. */
  buffers?: GivenBuffers
}

/** A line that the body went through. */
export interface ReplayStep {
  readonly line: number
  readonly text: string
  /** Variables that the line gave another value. */
  readonly changed: Readonly<Record<string, number | bigint | boolean>>
}

/** A message that was run again; it shows itself as a cell's result, and `console.log` prints it. */
export interface Replay {
  /** `endless`: the body still computed after ten seconds. */
  readonly outcome: 'failed' | 'finished' | 'endless'
  readonly error: Error | undefined
  /** Where it failed, as `file:line:column` or `cell [n]:line:column`. */
  readonly place: string | undefined
  /** Did it fail as the letter says: with the same error, at the same place? */
  readonly isSame: boolean
  /** The last thousand lines at most; how many came before them is `omitted`. */
  readonly steps: readonly ReplayStep[]
  readonly omitted: number
  /** What the body's scalar variables held at the end. */
  readonly locals: Readonly<Record<string, number | bigint | boolean>>
  /** The declared state before and after. */
  readonly state: unknown
  readonly stateAfter: unknown
  toMimeBundle(): Record<string, unknown>
}

/**
 * Runs the message of a dead letter again, as the CPU device runs it, with the state and the locals that it met, and shows each line up to the one that failed.
 * A GPU computes the same to the bit, so what failed there fails here. Nothing else is touched: the ring kernel, its queues and the letter stay as they are.
 *
 * @throws TypeError when it is no dead letter, or a buffer is missing; DeviceError when the body is not compiled (message() schemas, CUDA C++).
 * @example
 * lab.replay(runtime.deadLetters.peek(1)[0])
 */
export async function replay(letter: DeadLetter, options: ReplayOptions = {}): Promise<Replay> {
  const kept = requireLetter(letter, 'lab.replay')
  const { definition, slot, state, frame } = kept
  const run = await replayed({ definition, slot, state, frame, buffers: copies(definition, options.buffers ?? {}) })
  const steps = run.steps.map(({ line }, i) => ({ line, text: run.sourceText(line), changed: Object.fromEntries(run.steps[i + 1]?.changed ?? []) }))
  const isSame = run.outcome === 'failed' && kept.reason === 'failed' && run.fault?.error.message === kept.error?.message && run.fault?.place === kept.place
  const bundle = sourceStepsBundle({
    title: `The message of ring kernel '${kept.id}' that ${kept.reason === 'failed' ? `failed on ${kept.device}` : `was given up on ${kept.device} (${kept.reason})`}, again on the CPU device`,
    sourceName: run.sourceName, facts: facts(kept), steps: steps.slice(-SHOWN_MAX).map(({ line, text, changed }) => ({ line, text, result: assigned(changed) })),
    end: { sentence: sentence(run, kept, isSame), place: run.fault?.place, excerpt: excerptOf(run), values: run.outcome === 'finished' ? '' : assigned(knownAt(run)) }, notes: notes(run, kept, steps.length),
  })
  const shown = {
    outcome: run.outcome, error: run.fault?.error, place: run.fault?.place, isSame, steps, omitted: run.omitted, locals: Object.fromEntries(run.steps.at(-1)?.values ?? []),
    state: stateOf(definition, state), stateAfter: stateOf(definition, run.stateAfter), toMimeBundle: () => bundle, [inspect.custom]: () => bundle['text/plain'],
  }
  return shown
}

function copies({ name: owner, buffers: declared }: Definition, given: NonNullable<ReplayOptions['buffers']>): Parameters<typeof replayed>[0]['buffers'] {
  return Object.fromEntries(Object.entries(declared).map(([name, element]) => {
    const from = given[name]
    if (from === undefined) throw new TypeError(`lab.replay(): ring kernel '${owner}' uses the unified buffer '${name}', whose contents a dead letter does not keep: give what the message met, lab.replay(letter, { buffers: { ${name} } })`)
    return [name, copied('lab.replay()', element, name, from)]
  }))
}

function stateOf({ state: fields }: Definition, bytes: Uint8Array | undefined): unknown {
  if (fields === undefined || bytes === undefined) return undefined
  const codec = structCodec(struct('State', fields))
  const memory = new Uint8Array(Math.ceil(Math.max(codec.bytes, bytes.length) / 16) * 16)
  memory.set(bytes)
  return codec.bind(memory.buffer).read(0)
}

function short(value: unknown): string { return inspect(value, { breakLength: Infinity, compact: true, maxArrayLength: 12, maxStringLength: 100, depth: 4 }) }

function facts(letter: KeptLetter): [string, string][] {
  const state = stateOf(letter.definition, letter.state)
  return [['message', `${letter.definition.input.name} ${short(letter.message)}`], ...(state === undefined ? [] : [['state', short(state)] as [string, string]])]
}

function assigned(values: Readonly<Record<string, unknown>>): string { return Object.entries(values).map(([name, value]) => `${name} = ${inspect(value)}`).join(', ') }

/** What variables hold where it ended; one that the line itself declares holds nothing yet. */
function knownAt(run: Replayed): Record<string, unknown> {
  const { steps } = run
  const last = steps.at(-1)
  if (last === undefined) return {}
  const text = run.sourceText(last.line)
  return Object.fromEntries(last.values.filter(([name]) => !new RegExp(`\\b(?:const|let|var)\\s+${name.replaceAll('$', '\\$')}\\b`).test(text)))
}

function excerptOf(run: Replayed): Excerpt | undefined {
  const [, line, column] = /:(\d+):(\d+)$/.exec(run.fault?.place ?? '') ?? []
  if (line === undefined) return undefined
  const text = run.sourceText(Number(line))
  return text === '' ? undefined : { line: Number(line), text, column: Number(column) }
}

function sentence({ outcome, fault }: Replayed, letter: KeptLetter, isSame: boolean): string {
  if (outcome === 'endless') return 'It still computed after ten seconds, and was cut off.'
  if (outcome === 'finished') return letter.reason === 'failed' ? `It does not fail this time; then it failed with: ${letter.error?.message ?? 'no reason that is known'}` : 'The body finishes it.'
  const error = `${fault?.error.name ?? 'Error'}: ${fault?.error.message ?? ''}`
  if (letter.reason !== 'failed') return `It fails: ${error}`
  return isSame ? `It fails again: ${error}` : `It fails, but not as it did (${letter.error?.message ?? 'no reason that is known'}): ${error}`
}

function notes({ omitted, isLoop, readsClock }: Replayed, letter: KeptLetter, kept: number): string[] {
  const before = omitted + Math.max(kept - SHOWN_MAX, 0)
  const { definition: { state: fields }, state, frame } = letter
  return [
    ...(before > 0 ? [`${before} lines came before those shown.`] : []),
    ...(fields !== undefined && Object.keys(fields).length > 0 && state === undefined ? ['The state that it met was not kept, so it began with zeros: launch the ring kernel with { record: true }.'] : []),
    ...(isLoop && frame === undefined ? ['The locals that the loop had when it took the message were not kept, so the body began at its beginning: launch it with { record: true }, on cpu or cuda.'] : []),
    ...(readsClock ? ['The body reads ctx.nowNs, which is another now than then.'] : []),
  ]
}
