// kernel(): one-shot kernels, for work that is done once over many elements. Launched, run, gone: no messages, no life cycle.
import { inspect } from 'node:util'
import { isElement, isStruct, MessageError, type ArrayOf, type Element, type Infer, type Init, type ScalarElement } from '../schema/index.js'
import { checkDevice, checkMath } from './definition.js'
import type { KernelPlan } from './device.js'
import { DeviceError, TimeoutError } from './errors.js'
import { bindBuffers } from './launch-buffers.js'
import { liveRuntimes } from './registry.js'
import { deviceOf, RingKernelRuntime } from './ring-kernel-runtime.js'
import type { Device, WaitOptions } from './types.js'
import type { UnifiedBuffer } from './unified-buffer.js'
import { Wait } from './wait.js'

/** What a kernel's body may be given: a number or boolean (`f32`, `bool` …), or the elements of a unified buffer (`[f32]`). */
export type Parameter = ScalarElement | readonly [Element]
type Parameters = Readonly<Record<string, Parameter>>

/** What the body sees: scalars as values, buffers as arrays. */
export type KernelArguments<P> = { readonly [K in keyof P]: P[K] extends readonly [infer E] ? Infer<ArrayOf<E>> : Infer<P[K]> }
/** What a launch is given: scalars as values, buffers as unified buffers. */
export type KernelInputs<P> = { readonly [K in keyof P]: P[K] extends readonly [infer E] ? (E extends Element ? UnifiedBuffer<E> : never) : Init<P[K]> }

export interface KernelLaunchOptions extends WaitOptions {
  /** How many times the body runs; default: the elements of the first buffer. */
  threads?: number
  /** Default: that of `runtime`. */
  device?: Device
  /** Default: the newest live runtime, or a new one. */
  runtime?: RingKernelRuntime
}

/** What `kernel()` makes. */
export interface Kernel<P> {
  readonly name: string
  readonly parameters: P
  /**
   * Runs `body(args, i)` for every i from 0 below `threads`, in any order, and resolves when all have run. Host writes to its buffers are copied to the device
   * first; `await buffer.onHost()` then gives the results.
   *
   * @throws CompileError when the body is no program for devices, or its runs are not independent; TypeError when an argument is missing or
   * does not fit; KernelError with what the body threw; TimeoutError; DeviceError.
   */
  launch(args: KernelInputs<P>, options?: KernelLaunchOptions): Promise<void>
}

/** Indices are u32 on every device. */
const KERNEL_THREADS_MAX = 2 ** 32 - 1

/**
 * Defines a one-shot kernel: `body` runs once for each index, each on its own, and writes its results to buffers. A parameter is a scalar type such as
 * `f32`, or `[f32]` for a unified buffer of such elements. Runs of different indices must not write what
 * others read or write. On device 'host' the function runs as it is, in order.
 *
 * @throws TypeError when a parameter is no type, or an option is malformed.
 * @example
 * const scale = kernel('scale', { factor: f32, x: [f32] }, ({ factor, x }, i) => { x[i] = factor * i })
 * const x = unifiedBuffer(f32, 3)
 * await scale.launch({ factor: 2, x })
 * await x.onHost()                          // Float32Array [0, 2, 4]
 */
export function kernel<const P extends Parameters>(name: string, parameters: P, body: (args: KernelArguments<P>, i: number) => void, options: { math?: 'exact' | 'fast' } = {}): Kernel<P> {
  const given: unknown = name
  if (typeof given !== 'string' || given === '') throw new TypeError('kernel() needs a name: kernel(\'scale\', { factor: f32, x: [f32] }, (args, i) => { … })')
  checkParameters(name, parameters)
  if (typeof body !== 'function') throw new TypeError(`kernel '${name}': the body must be a function (args, i) => { … }`)
  checkMath(`kernel '${name}'`, options.math)
  const entries = Object.entries(parameters)
  const scalars = Object.fromEntries(entries.filter((entry): entry is [string, ScalarElement] => !Array.isArray(entry[1])))
  const buffers = Object.fromEntries(entries.flatMap(([key, parameter]) => (Array.isArray(parameter) ? [[key, (parameter as readonly [Element])[0]] as const] : [])))
  const parts: KernelParts = { name, scalars, buffers, names: Object.keys(parameters), body, math: options.math ?? 'exact' }
  return Object.freeze({ name, parameters, launch: (args: KernelInputs<P>, launchOptions: KernelLaunchOptions = {}) => launchKernel(parts, args, launchOptions) })
}

interface KernelParts {
  readonly name: string
  readonly scalars: Readonly<Record<string, ScalarElement>>
  readonly buffers: Readonly<Record<string, Element>>
  readonly names: readonly string[]
  readonly body: KernelPlan['body']
  readonly math: 'exact' | 'fast'
}

async function launchKernel(parts: KernelParts, given: unknown, options: KernelLaunchOptions): Promise<void> {
  const { name } = parts
  const where = `launch of kernel '${name}'`
  checkDevice(where, options.device)
  if (typeof given !== 'object' || given === null) throw new TypeError(`${where}: it needs its arguments as an object: launch({ ${parts.names.join(', ')} })`)
  const args = given as Readonly<Record<string, unknown>>
  const values = scalarValues(where, parts, args)
  const runtime = options.runtime ?? liveRuntimes().at(-1) ?? new RingKernelRuntime()
  const device = await deviceOf(runtime, options.device)
  const bufferArguments = Object.fromEntries(Object.entries(args).filter(([key]) => !(key in parts.scalars)))
  const bound = await bindBuffers(where, `launch({ ${parts.names.join(', ')} })`, parts.buffers, bufferArguments, device)
  const threads = options.threads ?? bound[0]?.plan.count
  if (threads === undefined) throw new TypeError(`${where}: it has no buffer, so say how often it runs: launch({ … }, { threads: 1000 })`)
  if (!Number.isSafeInteger(threads) || threads < 0 || threads > KERNEL_THREADS_MAX) throw new TypeError(`${where}: threads must be an integer from 0 to ${KERNEL_THREADS_MAX}, but is ${inspect(threads)}`)
  const givenUp = new AbortController()
  const wait = new Wait<void>().bound(options, (timeoutMs) => new TimeoutError(name, timeoutMs, 'its run', `kernel '${name}' ran longer than ${timeoutMs} ms and was given up; raise timeoutMs, or give it fewer threads.`))
  wait.onGivenUp = () => { givenUp.abort(new DeviceError(device.name, `kernel '${name}' was given up`)) }
  if (wait.settled) return wait.promise
  const user = { id: name, mayWrite: true }
  for (const { core } of bound) core.addUser(user)
  device.runKernel({ name, body: parts.body, scalars: parts.scalars, values, buffers: bound.map(({ plan }) => plan), threads, math: parts.math, signal: givenUp.signal })
    .finally(() => { for (const { core } of bound) { core.noteDeviceWrite(); core.removeUser(user) } })
    .then(() => { wait.resolve() }, (error: unknown) => { wait.reject(error) })
  return wait.promise
}

/** The scalar arguments, converted as a store to their types converts. */
function scalarValues(where: string, { scalars, names }: KernelParts, args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(scalars).map(([name, type]) => {
    const value = args[name]
    const wanted = type.dtype === 'bool' ? 'boolean' : type.dtype === 'i64' || type.dtype === 'u64' ? 'bigint' : 'number'
    if (value === undefined) throw new TypeError(`${where}: it needs the argument '${name}' (${type.dtype}): launch({ ${names.join(', ')} })`)
    if (typeof value !== wanted) throw new MessageError(`${where}: the argument '${name}' must be a ${wanted} (${type.dtype}), but is ${inspect(value, { depth: 0 })}`, { schema: type.dtype, path: name })
    return [name, type.dtype === 'bool' ? value : (type as unknown as (value: unknown) => unknown)(value)]
  }))
}

function checkParameters(name: string, parameters: unknown): void {
  const example = '{ factor: f32, x: [f32] }'
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) throw new TypeError(`kernel '${name}' needs its parameters as an object such as ${example}`)
  for (const [key, value] of Object.entries(parameters as Record<string, unknown>)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) throw new TypeError(`kernel '${name}' cannot have a parameter '${key}': use letters, digits and _, not starting with a digit`)
    const fits = Array.isArray(value) ? value.length === 1 && isElement(value[0]) : isElement(value) && !isStruct(value)
    if (!fits) throw new TypeError(`kernel '${name}': the parameter '${key}' must be a scalar type such as f32, or [f32] for a buffer of them (structs come in buffers), but is ${inspect(value, { depth: 1 })}`)
  }
}
