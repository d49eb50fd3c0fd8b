// ringKernel(): a definition and the register of definitions by name. Options are checked here, once, so that everything behind may trust them.
import { inspect } from 'node:util'
import { CAPACITY_MAX, CAPACITY_MIN } from '../ring/ring.js'
import { isElement, isSchema, message, type Elements, type Fields, type Schema, type Schemas } from '../schema/index.js'
import { nearestName, unknownName } from './errors.js'
import type { Backpressure, Device, Handler, LoopBody, NoOutput, RingKernelDefinition, RingKernelOptions } from './types.js'

const CAPACITY_DEFAULT = 1024
/** Ids that may be remembered. */
const DEDUPLICATE_MIN = 16
const DEDUPLICATE_MAX = 1024
const policies: readonly Backpressure[] = ['block', 'reject', 'dropOldest', 'dropNewest']
const options = ['input', 'output', 'ports', 'state', 'buffers', 'device', 'capacity', 'backpressure', 'deduplicate', 'threads', 'parallel', 'math'] as const
/** A warp, and the most threads that a block may have on every GPU (CUDA C++ Programming Guide, "Technical Specifications per Compute Capability"). */
const THREADS_MIN = 32
const THREADS_MAX = 1024

const noOutput: NoOutput = message('no output declared')

/** A definition as the runtime and the devices see it. */
export interface Definition extends RingKernelDefinition {
  readonly input: Schema
  readonly output: Schema
  readonly ports: Schemas
  readonly buffers: Elements
  readonly state: Fields | undefined
  /** Threads a block, on a GPU: a multiple of 32; undefined leaves it to the device. */
  readonly threads: number | undefined
  /** `messages`: a handler of which many messages may run at once; elsewhere than on a GPU they run one after the other, with the same results. */
  readonly parallel: 'messages' | undefined
  readonly math: 'exact' | 'fast'
  readonly device: Device | undefined
  readonly capacity: number
  /** Set when it was written for a GPU by hand: then only a CUDA device runs it, and `body` stands for nothing. */
  readonly cuda: CudaCode | undefined
  readonly backpressure: Backpressure
  /** Ids of messages that are remembered, to know the same message sent again. */
  readonly deduplicate: number | undefined
  readonly body: ((ctx: never) => Promise<void>) | Handler<never, never, never, never, never>
  /** False when no `output` was declared: `send` in the body is refused. */
  readonly sends: boolean
}

/** CUDA C++ that follows the device prelude (cuda/ring.cuh), or what a compiler made of such text. */
export interface CudaCode {
  readonly source: string | undefined
  /** PTX as text, or the bytes of PTX or of a CUBIN. */
  readonly image: string | Uint8Array | undefined
  /** The name of its kernel, declared extern "C". */
  readonly entry: string
  /** Further flags for the compiler. */
  readonly options: readonly string[]
  /** What its messages call the text, and the number of its first line. */
  readonly file: string
  readonly line: number
}

const definitions = new Map<string, Definition>()
const made = new WeakSet<object>()
const listeners = new Set<(definition: Definition) => void>()

/**
 * Defines a ring kernel: an actor resident on a device that answers messages. The definition is registered by name (the latest wins)
 * and can be launched many times under different ids.
 *
 * `body` is a loop, or an object with one handler a message. It runs on its device, apart from the code around it: what it uses from outside is
 * captured by value at launch.
 *
 * @throws TypeError when an option is unknown or malformed.
 * @example
 * const Value = struct('Value', { v: f32 })
 * const doubler = ringKernel('doubler', { input: Value, output: Value }, { onMessage(m, ctx) { ctx.send({ v: m.v * 2 }) } })
 */
export function ringKernel<I extends Schema, O extends Schema = NoOutput, S extends Fields = {}, B extends Elements = {}, P extends Schemas = {}>(
  name: string, declared: RingKernelOptions<I, O, S, B, P>, body: LoopBody<I, O, S, B, P> | Handler<I, O, S, B, P>,
): RingKernelDefinition<I, O, B, P> {
  checkName('ringKernel', name)
  checkOptions(name, declared)
  const isHandler = typeof body === 'object' && typeof (body as Partial<typeof body> | null)?.onMessage === 'function'
  if (typeof body !== 'function' && !isHandler) throw new TypeError(`ring kernel '${name}': the body must be an async function or an object with onMessage(message, ctx)`)
  if (declared.parallel !== undefined) checkParallel(name, declared, isHandler)
  return define(name, declared, body, undefined)
}

/** Registers a definition whose options are checked. */
export function define<I extends Schema, O extends Schema, S extends Fields, B extends Elements, P extends Schemas>(
  name: string, declared: RingKernelOptions<I, O, S, B, P>, body: Definition['body'], cuda: CudaCode | undefined,
): RingKernelDefinition<I, O, B, P> {
  const definition: Definition = Object.freeze({
    name, input: declared.input, output: declared.output ?? noOutput, sends: declared.output !== undefined, cuda,
    state: declared.state, device: declared.device, capacity: declared.capacity ?? CAPACITY_DEFAULT,
    backpressure: declared.backpressure ?? 'block', deduplicate: declared.deduplicate, buffers: Object.freeze({ ...declared.buffers }), ports: Object.freeze({ ...declared.ports }), body,
    threads: declared.threads, parallel: declared.parallel, math: declared.math ?? 'exact',
  })
  made.add(definition)
  definitions.set(name, definition)
  for (const listener of listeners) listener(definition)
  return definition as unknown as RingKernelDefinition<I, O, B, P>
}

export function checkName(call: 'ringKernel' | 'cudaRingKernel', name: unknown): void {
  if (typeof name !== 'string' || name === '') throw new TypeError(`${call}() needs a name: ${call}('summer', { input, output${call === 'ringKernel' ? ' }, body' : ', source }'})`)
}

/** The latest definition of this name. */
export function definitionNamed(name: string): Definition | undefined { return definitions.get(name) }

/** Calls `listener` with each definition that is made from now on; returns how to stop that. */
export function onDefined(listener: (definition: Definition) => void): () => void {
  listeners.add(listener)
  return () => { listeners.delete(listener) }
}

/** Names of all definitions, oldest first. */
export function definitionNames(): readonly string[] { return [...definitions.keys()] }

export function isDefinition(value: unknown): value is Definition { return typeof value === 'object' && value !== null && made.has(value) }

/** What is to be launched: a definition, or the latest of a name. @throws TypeError when there is none. */
export function launchable(target: unknown): Definition {
  if (isDefinition(target)) return target
  if (typeof target !== 'string') throw new TypeError('launch() needs a definition made by ringKernel(), or its name')
  const found = definitionNamed(target)
  if (found !== undefined) return found
  throw new TypeError(unknownName(`there is no ring kernel definition named '${target}'`, target, 'defined', definitionNames()))
}

export function checkOptions(name: string, given: unknown): void {
  const declared = given as Record<string, unknown>
  if (typeof given !== 'object' || given === null) throw new TypeError(`ring kernel '${name}' needs options with at least its input schema: { input: Request }`)
  for (const [option, value] of Object.entries(declared)) {
    if (value === undefined || (options as readonly string[]).includes(option)) continue
    const near = nearestName(option, options)
    throw new TypeError(`ring kernel '${name}' has no option '${option}'${near === undefined ? '' : `; did you mean '${near}'?`} Its options are ${options.join(', ')}.`)
  }
  if (!isSchema(declared['input'])) throw new TypeError(`ring kernel '${name}': input must be a schema made by struct() or message()`)
  if (declared['output'] !== undefined && !isSchema(declared['output'])) throw new TypeError(`ring kernel '${name}': output must be a schema made by struct() or message()`)
  checkCapacity(name, declared['capacity'])
  checkPolicy(name, declared['backpressure'])
  checkDeduplicate(name, declared['deduplicate'])
  checkEach(name, 'ports', declared['ports'], isSchema, 'a schema made by struct() or message()', '{ errors: Problem }')
  checkEach(name, 'buffers', declared['buffers'], isElement, 'the type of one element: a scalar such as f32, bool or a struct()', '{ weights: f32 }')
  checkThreads(`ring kernel '${name}'`, declared['threads'])
  checkMath(`ring kernel '${name}'`, declared['math'])
  checkDevice(`ring kernel '${name}'`, declared['device'])
}

function checkCapacity(name: string, capacity: unknown): void {
  if (capacity === undefined) return
  const isPowerOfTwo = typeof capacity === 'number' && Number.isInteger(capacity) && (capacity & (capacity - 1)) === 0
  if (isPowerOfTwo && capacity >= CAPACITY_MIN && capacity <= CAPACITY_MAX) return
  throw new TypeError(`ring kernel '${name}': capacity must be a power of two from ${CAPACITY_MIN} to ${CAPACITY_MAX}, but is ${inspect(capacity)}`)
}

function checkPolicy(name: string, policy: unknown): void {
  if (policy === undefined || (policies as readonly unknown[]).includes(policy)) return
  throw new TypeError(`ring kernel '${name}': backpressure must be one of ${policies.join(', ')}, but is ${inspect(policy)}`)
}

function checkDeduplicate(name: string, count: unknown): void {
  if (count === undefined || (typeof count === 'number' && Number.isInteger(count) && count >= DEDUPLICATE_MIN && count <= DEDUPLICATE_MAX)) return
  throw new TypeError(`ring kernel '${name}': deduplicate must be an integer from ${DEDUPLICATE_MIN} to ${DEDUPLICATE_MAX}, the ids that are remembered, but is ${inspect(count)}`)
}

/** An option that is an object with something under each name. */
function checkEach(name: string, option: string, given: unknown, fits: (value: unknown) => boolean, wanted: string, example: string): void {
  if (given === undefined) return
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new TypeError(`ring kernel '${name}': ${option} must be an object such as ${example}, but is ${inspect(given)}`)
  for (const [key, value] of Object.entries(given)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) throw new TypeError(`ring kernel '${name}': ${option} cannot have the name '${key}': use letters, digits and _, not starting with a digit`)
    if (!fits(value)) throw new TypeError(`ring kernel '${name}': ${option}.${key} must be ${wanted}, but is ${inspect(value, { depth: 0 })}`)
  }
}

function checkThreads(where: string, threads: unknown): void {
  if (threads === undefined) return
  if (typeof threads === 'number' && Number.isInteger(threads) && threads % THREADS_MIN === 0 && threads >= THREADS_MIN && threads <= THREADS_MAX) return
  throw new TypeError(`${where}: threads must be a multiple of ${THREADS_MIN} from ${THREADS_MIN} to ${THREADS_MAX}, but is ${inspect(threads)}`)
}

export function checkMath(where: string, math: unknown): void {
  if (math === undefined || math === 'exact' || math === 'fast') return
  throw new TypeError(`${where}: math must be 'exact' or 'fast', but is ${inspect(math)}`)
}

/** Messages that run at once cannot share state, nor receive more. */
function checkParallel(name: string, declared: { parallel?: unknown; state?: object | undefined }, isHandler: boolean): void {
  if (declared.parallel !== 'messages') throw new TypeError(`ring kernel '${name}': parallel must be 'messages', or be left out, but is ${inspect(declared.parallel)}`)
  if (!isHandler) throw new TypeError(`ring kernel '${name}': parallel: 'messages' needs the handler form, { onMessage(message, ctx) { … } }: a loop takes its messages one after the other`)
  if (Object.keys(declared.state ?? {}).length > 0) throw new TypeError(`ring kernel '${name}': parallel: 'messages' cannot have state, which its messages would share while they run at once: leave out state, or parallel`)
}

export function checkDevice(where: string, device: unknown): void {
  if (device === undefined || (typeof device === 'string' && /^(auto|cpu|host|cuda(:\d+)?)$/.test(device))) return
  throw new TypeError(`${where}: device must be auto, cpu, cuda, cuda:N or host, but is ${inspect(device)}`)
}
