// lab.compare(): the same messages to a ring kernel on several devices, and where their outputs differ, to the bit.
import { inspect } from 'node:util'
import { definitionNamed, definitionNames, isDefinition, type Definition } from '../runtime/definition.js'
import { probeDevice } from '../runtime/device.js'
import { TimeoutError, unknownName } from '../runtime/errors.js'
import { RingKernelRuntime } from '../runtime/ring-kernel-runtime.js'
import type { Device, InputOf, Launchable, RingKernel } from '../runtime/types.js'
import { unifiedBuffer, type UnifiedBuffer } from '../runtime/unified-buffer.js'
import { elementsOf } from '../schema/index.js'
import type { Figure as Description } from '../view/figure.js'
import { counted, formatNumber } from '../view/text.js'
import { copied, type CopiedBuffer, type GivenBuffers } from './buffer-contents.js'
import { stillFigure } from './figure.js'
import { comparedBuffers, comparedMessages, exactText, type BitDifference } from './value-bits.js'

const TIMEOUT_MS_DEFAULT = 60_000

export interface CompareOptions {
  /** Two or more; the first is what the others are compared with. Default: cpu and host, and cuda where a GPU can be used. */
  devices?: readonly Device[]
  /** One of each of the definition's `buffers`: each device gets a copy, and what it leaves there is compared, too. */
  buffers?: GivenBuffers
  /** How long each device may take; default 60 s. */
  timeoutMs?: number
}

/** A scalar that differs, and where. */
export interface Difference extends BitDifference {
  /** The device whose value is the first of `values`, and the one whose is the second. */
  readonly devices: readonly [string, string]
  /** The number of the output, from 0; or the buffer's name. */
  readonly output: number | string
}

/** What one device came to. */
export interface ComparedDevice {
  readonly device: string
  readonly outputs: number
  /** Scalars that differ from those of the first device, outputs that one of them lacks included. */
  readonly differing: number
  /** What the ring kernel failed with there. */
  readonly error: Error | undefined
}

/** It shows itself as a cell's result, and `console.log` prints it. */
export interface Comparison {
  readonly devices: readonly ComparedDevice[]
  /** Scalars compared, of all devices; how many of them differ, and the first. */
  readonly values: number
  readonly differing: number
  readonly first: Difference | undefined
  /** Every device sent as many outputs, with the same bits, and failed with the same error or not at all. */
  readonly isEqual: boolean
  toMimeBundle(): Record<string, unknown>
}

interface Run { readonly device: string; readonly outputs: readonly unknown[]; readonly error: Error | undefined; readonly buffers: Readonly<Record<string, CopiedBuffer>> }

/**
 * Sends the same messages to a ring kernel of `definition` on each device and compares what it sends, field by field and bit by bit.
 *
 * @throws TypeError when there is no such definition, or a buffer is missing; DeviceError when a device cannot be used; TimeoutError.
 * @example
 * await lab.compare('summer', [{ id: 1, values: [1, 2, 3, 4] }], { devices: ['cpu', 'cuda'] })
 */
export async function compare<T extends Launchable>(definition: T, messages: Iterable<InputOf<T>>, options: CompareOptions = {}): Promise<Comparison> {
  const of = definitionOf(definition)
  const given: unknown = messages
  if (typeof given !== 'object' || given === null || !(Symbol.iterator in given)) throw new TypeError(`lab.compare() needs the messages as a list, but was given ${inspect(given, { depth: 0 })}`)
  const { timeoutMs = TIMEOUT_MS_DEFAULT } = options
  const { devices, note } = await devicesFor(of, options.devices)
  const buffers = buffersFor(of, options.buffers ?? {})
  const sent = [...messages]
  const runs: Run[] = []
  for (const device of devices) runs.push(await runOn(of, device, sent, buffers, timeoutMs))
  return comparison(of, sent.length, runs, note)
}

function definitionOf(of: Launchable): Definition {
  if (isDefinition(of)) return of
  const found = typeof of === 'string' ? definitionNamed(of) : undefined
  if (found !== undefined) return found
  throw new TypeError(typeof of === 'string' ? unknownName(`lab.compare(): there is no ring kernel definition named '${of}'`, of, 'defined', definitionNames()) : 'lab.compare() needs a definition made by ringKernel(), or its name')
}

async function devicesFor(of: Definition, wanted: readonly Device[] | undefined): Promise<{ readonly devices: readonly Device[]; readonly note: string | undefined }> {
  if (wanted !== undefined) {
    if (!Array.isArray(wanted) || wanted.length < 2) throw new TypeError(`lab.compare() compares two devices or more, { devices: ['cpu', 'cuda'] }, but was given ${inspect(wanted)}`)
    return { devices: wanted, note: undefined }
  }
  const isStructs = [of.input, of.output].every(({ kind }) => kind === 'struct')
  if (!isStructs) return { devices: ['cpu', 'host'], note: 'cuda was left out: its messages have no fixed bytes.' }
  const reason = await probeDevice('cuda').then(() => undefined, (error: unknown) => (error instanceof Error ? error.message : String(error)))
  return reason === undefined ? { devices: ['cpu', 'host', 'cuda'], note: undefined } : { devices: ['cpu', 'host'], note: `cuda was left out: ${reason}` }
}

function buffersFor({ name: owner, buffers: declared }: Definition, given: GivenBuffers): Readonly<Record<string, CopiedBuffer>> {
  return Object.fromEntries(Object.entries(declared).map(([name, element]) => {
    if (given[name] === undefined) throw new TypeError(`lab.compare(): ring kernel '${owner}' needs the buffer '${name}': lab.compare(definition, messages, { buffers: { ${name} } })`)
    return [name, copied('lab.compare()', element, name, given[name])]
  }))
}

async function runOn(definition: Definition, device: Device, messages: readonly unknown[], given: Run['buffers'], timeoutMs: number): Promise<Run> {
  // Its buffers are disposed below, once no ring kernel can use them.
  const runtime = new RingKernelRuntime({ device, leaks: 'ignore' })
  const buffers = new Map<string, UnifiedBuffer>()
  try {
    for (const [name, { memory, count }] of Object.entries(given)) {
      const element = definition.buffers[name] as Definition['buffers'][string]
      const buffer: UnifiedBuffer = unifiedBuffer(element, count)
      buffer.set(elementsOf(element, memory, 0, count) as ArrayLike<never>)
      buffers.set(name, buffer)
    }
    const actor: RingKernel = await runtime.spawn(definition, { buffers: Object.fromEntries(buffers) } as never)
    const { outputs, error } = await outputsOf(actor, definition, messages, timeoutMs)
    const left = await Promise.all([...buffers].map(async ([name, buffer]) => [name, copied('lab.compare()', definition.buffers[name] as Definition['buffers'][string], name, await buffer.onHost())] as const))
    return { device: actor.device, outputs, error, buffers: Object.fromEntries(left) }
  } finally {
    await runtime.shutdown()
    for (const buffer of buffers.values()) buffer[Symbol.dispose]()
  }
}

/** Everything it sends, until it has taken all messages or failed. */
async function outputsOf(actor: RingKernel, { sends }: Definition, messages: readonly unknown[], timeoutMs: number): Promise<Pick<Run, 'outputs' | 'error'>> {
  const outputs: unknown[] = []
  let error: Error | undefined
  const ended = actor.closed.catch((thrown: unknown) => { error = thrown as Error })
  const collect = async (): Promise<void> => { for await (const output of actor.outputs()) outputs.push(output) }
  const collected = sends ? collect().catch(() => undefined) : Promise.resolve()
  await actor.sendBatch(messages as never, { timeoutMs }).catch((thrown: unknown) => { if (actor.state !== 'FAILED') throw thrown })
  const until = performance.now() + timeoutMs
  const isOver = (): boolean => actor.state === 'TERMINATED' || actor.state === 'FAILED'
  // A loop ends as soon as it is told to: first it has to have finished them all.
  const left = (): number => { const { processed, errors } = actor.telemetry(); return Math.max(0, messages.length - processed - errors) }
  while (!isOver() && left() > 0 && performance.now() < until) await new Promise((resolve) => { setTimeout(resolve, 1) })
  const dropped = isOver() ? 0 : left()
  await actor.terminate({ pending: dropped === 0 ? 'drain' : 'discard', timeoutMs })
  if (dropped > 0) throw new TimeoutError(actor.id, timeoutMs, '', `lab.compare(): ring kernel '${actor.id}' left ${dropped} messages on ${actor.device} within ${timeoutMs} ms; raise timeoutMs, or send fewer.`)
  await ended
  await collected
  // Under parallel: 'messages' it gave a message up and went on.
  return { outputs, error: error ?? [...actor.deadLetters].find(({ reason }) => reason === 'failed')?.error }
}

function comparison(definition: Definition, messages: number, runs: readonly Run[], note: string | undefined): Comparison {
  const [reference, ...others] = runs as [Run, ...Run[]]
  const found = others.map((run) => against(definition, reference, run))
  const devices = runs.map(({ device, outputs, error }, i) => ({ device, outputs: outputs.length, error, differing: found[i - 1]?.differing ?? 0 }))
  const differing = found.reduce((sum, each) => sum + each.differing, 0)
  const isEqual = differing === 0 && others.every(({ error }) => ownMessage(error) === ownMessage(reference.error))
  const facts = { devices, values: found.reduce((sum, each) => sum + each.scalars, 0), differing, first: found.find(({ first }) => first !== undefined)?.first, isEqual }
  const figure = stillFigure(() => described(definition, messages, facts, note))
  return Object.assign(Object.create({ toMimeBundle: () => figure.toMimeBundle(), [inspect.custom]: () => inspect(figure) }) as Pick<Comparison, 'toMimeBundle'>, facts)
}

/** What the body said; the error's own sentence names the ring kernel and the place as well. */
function ownMessage(error: Error | undefined): string | undefined { return error?.cause instanceof Error ? error.cause.message : error?.message }

interface Against { readonly scalars: number; readonly differing: number; readonly first: Difference | undefined }

function against(definition: Definition, reference: Run, run: Run): Against {
  let [scalars, differing] = [0, 0]
  let first: Difference | undefined
  const devices = [reference.device, run.device] as const
  const add = (output: number | string, each: ReturnType<ReturnType<typeof comparedMessages>>): void => {
    scalars += each.scalars
    differing += each.differing
    if (each.first !== undefined) first ??= { devices, output, ...each.first }
  }
  const compareOutput = comparedMessages(definition.output)
  const both = Math.min(reference.outputs.length, run.outputs.length)
  for (let i = 0; i < both; i++) add(i, compareOutput(reference.outputs[i], run.outputs[i]))
  const only = Math.max(reference.outputs.length, run.outputs.length) - both
  if (only > 0) {
    add(both, { scalars: only, differing: only, first: { path: '', values: [reference.outputs[both], run.outputs[both]], bits: undefined } })
  }
  for (const [name, element] of Object.entries(definition.buffers)) {
    const [a, b] = [reference.buffers[name] as CopiedBuffer, run.buffers[name] as CopiedBuffer]
    add(name, comparedBuffers(element, a.memory, b.memory, a.count))
  }
  return { scalars, differing, first }
}

function described(definition: Definition, messages: number, { devices, values, differing, first, isEqual }: Omit<Comparison, 'toMimeBundle'>, note: string | undefined): Description {
  const names = devices.map(({ device }) => device)
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
  const failures = devices.some(({ error }) => error !== undefined)
  return {
    title: `Ring kernel '${definition.name}', ${counted(messages, 'message')} on ${list}: ${isEqual ? '0' : formatNumber(differing)} of ${counted(values, 'value')} differ`,
    table: {
      columns: [{ label: 'device', align: 'left' }, { label: 'outputs', align: 'right' }, { label: 'values that differ', align: 'right' }, ...(failures ? [{ label: 'failed with', align: 'left' as const }] : [])],
      rows: devices.map(({ device, outputs, differing: own, error }, i) => [device, formatNumber(outputs), i === 0 ? '—' : formatNumber(own), ...(failures ? [error?.message ?? ''] : [])]),
    },
    notes: [
      ...(first === undefined ? [] : firstLines(first)),
      ...(isEqual ? ['All of them are the same to the bit.'] : []),
      ...(!isEqual && differing === 0 ? ['The outputs are the same to the bit, but not every device failed with the same error.'] : []),
      ...(note === undefined ? [] : [note]),
    ],
  }
}

function firstLines({ devices, output, path, values, bits }: Difference): string[] {
  const where = typeof output === 'string' ? `buffer ${output}${path}` : `output ${output}${path === '' ? '' : `, field ${path}`}`
  const text = (value: unknown): string => (value === undefined ? 'was not sent' : exactText(value))
  return [`The first that differs: ${where}.`, ...devices.map((device, i) => `${device}: ${text(values[i])}${bits === undefined ? '' : ` (${bits[i as 0 | 1]})`}`)]
}
