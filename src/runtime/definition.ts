// ringKernel(): a definition and the register of definitions by name. Options are checked here, once, so that everything behind may trust them;
// an option that no device honours yet is refused, never ignored.
import { inspect } from 'node:util'
import { CAPACITY_MAX, CAPACITY_MIN } from '../ring/ring.js'
import { isSchema, message, type Elements, type Fields, type Schema, type Schemas } from '../schema/index.js'
import { nearestName } from './errors.js'
import type { Backpressure, Device, Handler, LoopBody, NoOutput, RingKernelDefinition, RingKernelOptions } from './types.js'

const CAPACITY_DEFAULT = 1024
const policies: readonly Backpressure[] = ['block', 'reject', 'dropOldest', 'dropNewest']
const options = ['input', 'output', 'state', 'device', 'capacity', 'backpressure'] as const
/** Options of the API that need a device or a part of the library that is not there yet, and what they wait for. */
const notYet: Readonly<Record<string, string>> = {
  buffers: 'unified buffers are not there yet: keep the data in state, or send it in messages',
  ports: 'connections between ring kernels are not there yet: send further outputs through output',
  threads: 'it is the block size of a GPU, and the cuda device is not there yet: leave it out',
  parallel: 'no device runs messages in parallel yet: leave it out',
}

const noOutput: NoOutput = message('no output declared')

/** A definition as the runtime and the devices see it. */
export interface Definition extends RingKernelDefinition {
  readonly input: Schema
  readonly output: Schema
  readonly state: Fields | undefined
  readonly device: Device | undefined
  readonly capacity: number
  readonly backpressure: Backpressure
  readonly body: ((ctx: never) => Promise<void>) | Handler<never, never, never, never, never>
  /** False when no `output` was declared: `send` in the body is refused. */
  readonly sends: boolean
}

const definitions = new Map<string, Definition>()
const made = new WeakSet<object>()

/**
 * Defines a ring kernel: an actor resident on a device that answers messages. The definition is registered by name (the latest wins)
 * and can be launched many times under different ids.
 *
 * `body` is a loop, or an object with one handler a message. It runs on its device, apart from the code around it: what it uses from outside is
 * captured by value at launch.
 *
 * @throws TypeError when an option is unknown, malformed, or not honoured yet.
 * @example
 * const Value = struct('Value', { v: f32 })
 * const doubler = ringKernel('doubler', { input: Value, output: Value }, { onMessage(m, ctx) { ctx.send({ v: m.v * 2 }) } })
 */
export function ringKernel<I extends Schema, O extends Schema = NoOutput, S extends Fields = {}, B extends Elements = {}, P extends Schemas = {}>(
  name: string, declared: RingKernelOptions<I, O, S, B, P>, body: LoopBody<I, O, S, B, P> | Handler<I, O, S, B, P>,
): RingKernelDefinition<I, O, B, P> {
  const given: unknown = name
  if (typeof given !== 'string' || given === '') throw new TypeError('ringKernel() needs a name: ringKernel(\'summer\', { input, output }, body)')
  checkOptions(name, declared)
  const isHandler = typeof body === 'object' && typeof (body as Partial<typeof body> | null)?.onMessage === 'function'
  if (typeof body !== 'function' && !isHandler) throw new TypeError(`ring kernel '${name}': the body must be an async function or an object with onMessage(message, ctx)`)
  const definition: Definition = Object.freeze({
    name, input: declared.input, output: declared.output ?? noOutput, sends: declared.output !== undefined,
    state: declared.state, device: declared.device, capacity: declared.capacity ?? CAPACITY_DEFAULT,
    backpressure: declared.backpressure ?? 'block', buffers: {}, ports: {}, body: body,
  })
  made.add(definition)
  definitions.set(name, definition)
  return definition as unknown as RingKernelDefinition<I, O, B, P>
}

/** The latest definition of this name. */
export function definitionNamed(name: string): Definition | undefined { return definitions.get(name) }

/** Names of all definitions, oldest first. */
export function definitionNames(): readonly string[] { return [...definitions.keys()] }

export function isDefinition(value: unknown): value is Definition { return typeof value === 'object' && value !== null && made.has(value) }

function checkOptions(name: string, given: unknown): void {
  const declared = given as Record<string, unknown>
  if (typeof given !== 'object' || given === null) throw new TypeError(`ring kernel '${name}' needs options with at least its input schema: { input: Request }`)
  for (const [option, value] of Object.entries(declared)) {
    if (value === undefined || (options as readonly string[]).includes(option)) continue
    const reason = notYet[option]
    if (reason !== undefined) throw new TypeError(`ring kernel '${name}': the option '${option}' cannot be honoured: ${reason}`)
    const near = nearestName(option, options)
    throw new TypeError(`ring kernel '${name}' has no option '${option}'${near === undefined ? '' : `; did you mean '${near}'?`} Its options are ${options.join(', ')}.`)
  }
  if (!isSchema(declared['input'])) throw new TypeError(`ring kernel '${name}': input must be a schema made by struct() or message()`)
  if (declared['output'] !== undefined && !isSchema(declared['output'])) throw new TypeError(`ring kernel '${name}': output must be a schema made by struct() or message()`)
  checkCapacity(name, declared['capacity'])
  checkPolicy(name, declared['backpressure'])
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

export function checkDevice(where: string, device: unknown): void {
  if (device === undefined || (typeof device === 'string' && /^(auto|cpu|host|cuda(:\d+)?)$/.test(device))) return
  throw new TypeError(`${where}: device must be auto, cpu, cuda, cuda:N or host, but is ${inspect(device)}`)
}
