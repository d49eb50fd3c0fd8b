// The unified buffers of one launch: checks that each declared one was given and fits, and brings them to the device.
import { inspect } from 'node:util'
import { elementDifference, wordsOf, type Element } from '../schema/index.js'
import type { BufferCore, BufferUser } from './buffer-core.js'
import type { ActorDevice, BufferPlan } from './device.js'
import { nearestName } from './errors.js'
import { coreOf } from './unified-buffer.js'

/** What a launch or a one-shot kernel does with one buffer. */
export interface BoundBuffer { readonly plan: BufferPlan; readonly core: BufferCore }

/**
 * Brings every buffer that `declared` names to `device`. `where` begins the sentences of errors; `call` shows how buffers are given.
 *
 * @throws TypeError when one is missing, unknown, of another type, disposed, or in use on another device; DeviceError when the device has no memory left.
 */
export async function bindBuffers(where: string, call: string, declared: Readonly<Record<string, Element>>, given: unknown, device: ActorDevice): Promise<BoundBuffer[]> {
  if (given !== undefined && (typeof given !== 'object' || given === null)) throw new TypeError(`${where}: buffers must be an object such as ${call}, but is ${inspect(given)}`)
  const buffers = (given ?? {}) as Readonly<Record<string, unknown>>
  const names = Object.keys(declared)
  for (const name of Object.keys(buffers)) {
    if (names.includes(name)) continue
    const near = nearestName(name, names)
    throw new TypeError(`${where}: it has no buffer '${name}'; ${names.length === 0 ? 'it declares none' : `its buffers are ${names.join(', ')}`}${near === undefined ? '' : `. Did you mean '${near}'?`}`)
  }
  const checked = names.map((name) => ({ name, element: declared[name] as Element, ...extentOf(where, call, name, declared[name] as Element, buffers[name]) }))
  const bound: BoundBuffer[] = []
  for (const { name, element, core, from, count } of checked) {
    try { await core.moveTo(device) } catch (error) {
      if (error instanceof TypeError) throw new TypeError(`${where}: the buffer '${name}' cannot be used on '${device.name}': ${error.message}`, { cause: error })
      throw error
    }
    const { block } = core
    if (block === undefined) throw new TypeError(`${where}: the buffer '${name}' was disposed meanwhile`)
    bound.push({ core, plan: { name, element, block, offset: from * element.bytes, count } })
  }
  // Bringing one there takes time, in which another launch may have taken an earlier one elsewhere.
  const moved = bound.find(({ core, plan }) => core.block !== plan.block)
  if (moved !== undefined) throw new TypeError(`${where}: the buffer '${moved.plan.name}' was taken to another device meanwhile; launch again, or give each device a buffer of its own`)
  return bound
}

function extentOf(where: string, call: string, name: string, element: Element, value: unknown): { readonly core: BufferCore; readonly from: number; readonly count: number } {
  if (value === undefined) throw new TypeError(`${where}: it needs the unified buffer '${name}' of ${wordsOf(element)}: ${call}`)
  const extent = coreOf(value)
  if (extent === undefined) throw new TypeError(`${where}: the buffer '${name}' must be made by unifiedBuffer(), but is ${inspect(value, { depth: 0, breakLength: Infinity }).slice(0, 60)}`)
  if (extent.isDisposed) throw new TypeError(`${where}: the buffer '${name}' is disposed; make a new one with unifiedBuffer()`)
  const difference = elementDifference(element, extent.core.element, ['the declaration', 'the buffer given'])
  if (difference !== undefined) throw new TypeError(`${where}: the buffer '${name}' is of another type: ${difference}`)
  return extent
}

/** The buffers of one ring kernel from its launch to its end. */
export class HeldBuffers {
  readonly #writer: BufferUser
  readonly #reader: BufferUser
  readonly #read: readonly BufferCore[]
  readonly #written: readonly BufferCore[]
  #couldWrite = false

  /** `written` names those that the body writes to; undefined where nobody knows. */
  constructor(user: BufferUser, bound: readonly BoundBuffer[], written: readonly string[] | undefined) {
    this.#writer = user
    this.#reader = { id: user.id, mayWrite: false }
    const isWritten = ({ plan }: BoundBuffer): boolean => written === undefined || written.includes(plan.name)
    const cores = (of: readonly BoundBuffer[]): BufferCore[] => [...new Set(of.map(({ core }) => core))]
    this.#written = cores(bound.filter(isWritten))
    this.#read = cores(bound.filter((each) => !isWritten(each)))
    for (const core of this.#written) core.addUser(this.#writer)
    for (const core of this.#read) core.addUser(this.#reader)
  }

  /** The life cycle moved on: whatever could be written while it could write counts as written. */
  changed(): void {
    const canWrite = this.#writer.mayWrite
    if (canWrite || this.#couldWrite) for (const core of this.#written) core.noteDeviceWrite()
    this.#couldWrite = canWrite
  }

  /** `isGone` is false when the body was cut off, and may still write to them. */
  letGo(isGone: boolean): void {
    for (const core of this.#written) core.removeUser(this.#writer, isGone)
    for (const core of this.#read) core.removeUser(this.#reader, isGone)
  }
}
