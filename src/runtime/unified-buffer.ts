// unifiedBuffer(): one array with a copy on the host and one on the device of the ring kernels that use it, copied only when the other side is newer.
// The two copies and their bookkeeping are in buffer-core.ts; here is what users hold.
import { inspect } from 'node:util'
import { isElement, isStruct, MessageError, narrowing, structCodec, wordsOf, type ArrayOf, type Bool, type Element, type Infer, type Init, type Scalar, type ScalarArray } from '../schema/index.js'
import { BufferCore, type BufferState } from './buffer-core.js'
import type { ActorDevice } from './device.js'
import { canKeep } from './host-copy.js'
import { userPlaceOf } from './user-place.js'

/**
 * An array that ring kernels and the host share: made by `unifiedBuffer()`. Each side has a copy; `state` says which one is newer.
 *
 * - `UNINITIALIZED`: neither copy exists yet. `HOST_ONLY`, `DEVICE_ONLY`: one copy exists.
 * - `SYNCHRONIZED`: both are equal. `HOST_DIRTY`: the host wrote since; `DEVICE_DIRTY`: a ring kernel wrote since, or may be writing now.
 */
export interface UnifiedBuffer<E extends Element = Element> extends Disposable {
  readonly element: E
  readonly state: BufferState
  /** Elements in each dimension, the first one outermost. */
  readonly shape: readonly number[]
  /** Of all elements, as the device holds them. */
  readonly bytes: number
  /**
   * The address of the device's copy, for other libraries; undefined while there is none, and on `cpu` and `host`, whose memory has no addresses of its own.
   * It holds until the buffer is disposed or goes to another device.
   */
  readonly devicePointer: bigint | undefined
  /** As `devicePointer`. @throws TypeError that says why there is none. */
  requireDevicePointer(): bigint
  /** Is the host's copy page-locked now, so that a GPU copies from and to it by itself? Only with the option `pinned`, while the buffer is on a GPU. */
  readonly pinned: boolean
  /** Is the host's copy the array this buffer was made of? Then what is written to either is seen in both. */
  readonly keepsData: boolean
  /**
   * The host's copy, brought up to date: copies when the device's is newer, also beside a ring kernel that runs. A live TypedArray (an array-like for structs),
   * which is the array the buffer was made of where it keeps that one: after writing to it, call `markHostDirty()`. f16 and bf16 are Float32Array here, rounded when they are copied to the device.
   */
  onHost(): Promise<Infer<ArrayOf<E>>>
  /**
   * Brings the device's copy up to date; ring kernels see host writes only after it. A launch does so by itself.
   *
   * @throws TypeError when the buffer is on no device and no runtime is live; DeviceError when the device has no memory left.
   */
  onDevice(): Promise<void>
  /** Writes `data` from element `offset` on (of all elements, in order) into the host's copy. @throws RangeError, MessageError */
  set(data: ArrayLike<E extends Bool ? boolean | number : Init<E>>, offset?: number): void
  /** Writes `value` to every element of the host's copy. */
  fill(value: E extends Bool ? boolean | number : Init<E>): void
  /** Says that the array `onHost()` gave was written to. */
  markHostDirty(): void
  /** Elements `start` … `end` − 1 of the first dimension; it shares memory and state with this buffer, and ends with it. Negative ones count from the end. */
  slice(start: number, end?: number): UnifiedBuffer<E>
}

/** Elements are numbered by u32 on every device. */
const ELEMENTS_MAX = 2 ** 32 - 1

/**
 * Makes a buffer of `element`s: scalars, `bool` or a `struct()`. `shapeOrData` is the number of elements, or a list of numbers (elements in each
 * dimension), or data. A TypedArray of the element's own kind (Float32Array for f32, Uint8Array for bool …) is kept: it is the host's copy, so that what you
 * write to it and what `onHost()` brings back are in one place. For structs their bytes are kept, where they begin at a multiple of the struct's alignment.
 * Anything else is converted, as a TypedArray store does, into a copy: arrays of another kind; all data of f16 and bf16, whose host copy is a Float32Array of
 * rounded values. `keepsData` says which it is; to have a copy made in any case, give `data.slice()`.
 *
 * `pinned` page-locks the host's copy while the buffer is on a GPU, which then copies by itself, without a copy in between; `buffer.pinned` tells whether it
 * is. Where nothing is copied over a bus (`cpu`, `host`) there is nothing to lock. Where the system refuses, one line in the cell says why, and copies go on as without.
 *
 * @throws TypeError when the element, the shape or the data cannot be used, saying why.
 * @example
 * const weights = unifiedBuffer(f32, new Float32Array([0.5, 0.25]))
 * const actor = await runtime.spawn(scorer, { buffers: { weights } })
 * weights.set([1], 0)
 * await weights.onDevice()
 */
export function unifiedBuffer<E extends Element>(element: E, shapeOrData: number | readonly number[] | ArrayBufferView, options: { pinned?: boolean } = {}): UnifiedBuffer<E> {
  if (!isElement(element)) throw new TypeError(`unifiedBuffer() needs the type of one element first (a scalar such as f32, bool or a struct()), but was given ${inspect(element, { depth: 0 })}`)
  const data = ArrayBuffer.isView(shapeOrData) ? shapeOrData : undefined
  const shape = data !== undefined ? [lengthOf(element, data)] : typeof shapeOrData === 'number' ? [shapeOrData] : [...shapeOrData as readonly number[]]
  const count = shape.reduce((product, length) => product * length, 1)
  if (shape.length === 0 || !shape.every((length) => Number.isSafeInteger(length) && length >= 1) || count > ELEMENTS_MAX) {
    throw new TypeError(`a unified buffer needs a shape of integers from 1 on, at most ${ELEMENTS_MAX} elements together, but was given ${inspect(data === undefined ? shapeOrData : shape)}`)
  }
  checkOptions(options)
  const kept = data !== undefined && canKeep(element, data) ? data : undefined
  const buffer = new Buffer(new BufferCore(element, count, options.pinned === true, kept, userPlaceOf(new Error())), 0, count, shape)
  if (data !== undefined && kept === undefined) buffer.set(elementsIn(element, data))
  return buffer as unknown as UnifiedBuffer<E>
}

function checkOptions(options: unknown): void {
  const { pinned } = (options ?? {}) as { pinned?: unknown }
  if (pinned !== undefined && typeof pinned !== 'boolean') throw new TypeError(`a unified buffer's option pinned must be true or false, but is ${inspect(pinned)}`)
}

/** What a launch needs of a buffer; undefined when `value` is none. */
export function coreOf(value: unknown): { readonly core: BufferCore; readonly from: number; readonly count: number; readonly isDisposed: boolean } | undefined {
  return value instanceof Buffer ? value.extent : undefined
}

/** What a figure shows of a buffer. Looking changes nothing. */
export interface BufferLook {
  /** Which copies there are, and which is newer; `disposed` once it is gone. */
  readonly state: BufferState | 'disposed'
  readonly device: string | undefined
  readonly shape: readonly number[]
  readonly element: string
  /** The host's copy as it is: a TypedArray, or a struct an element; undefined when there is none. */
  readonly elements: ScalarArray | readonly unknown[] | undefined
}

/** Undefined when `value` is no unified buffer. */
export function lookInto(value: unknown): BufferLook | undefined {
  if (!(value instanceof Buffer)) return undefined
  const { core, from, count, isDisposed } = value.extent
  return {
    state: isDisposed ? 'disposed' : value.state, device: core.device?.name, shape: value.shape, element: wordsOf(value.element),
    elements: isDisposed || !core.hasHost ? undefined : core.hostRecords(from, from + count),
  }
}

let placeOfBuffers: () => Promise<ActorDevice> | undefined = () => undefined

/** Tells where a buffer goes that is asked onto a device before any ring kernel took it to one. */
export function setPlaceOfBuffers(place: () => Promise<ActorDevice> | undefined): void { placeOfBuffers = place }

class Buffer implements UnifiedBuffer {
  readonly shape: readonly number[]
  readonly #core: BufferCore
  readonly #from: number
  readonly #count: number
  /** A slice shares another's memory, and only lets go of it. */
  readonly #isSlice: boolean
  #isClosed = false

  constructor(core: BufferCore, from: number, count: number, shape: readonly number[], isSlice = false) {
    this.#core = core
    this.#isSlice = isSlice
    this.#from = from
    this.#count = count
    this.shape = Object.freeze(shape)
  }

  get element(): Element { return this.#core.element }
  get bytes(): number { return this.#count * this.#core.element.bytes }
  get state(): BufferState { return this.#core.state(this.#from, this.#to) }
  get devicePointer(): bigint | undefined {
    const pointer = this.#core.block?.pointer
    return pointer === undefined ? undefined : pointer + BigInt(this.#from * this.#core.element.bytes)
  }
  get pinned(): boolean { return this.#core.isPinned }
  get keepsData(): boolean { return this.#core.isKept }
  get extent(): ReturnType<typeof coreOf> & {} { return { core: this.#core, from: this.#from, count: this.#count, isDisposed: this.#isClosed || this.#core.isDisposed } }
  get #to(): number { return this.#from + this.#count }

  requireDevicePointer(): bigint {
    this.#requireOpen('requireDevicePointer')
    const pointer = this.devicePointer
    if (pointer !== undefined) return pointer
    const { device } = this.#core
    throw new TypeError(device === undefined
      ? 'this unified buffer has no address on a device yet: await buffer.onDevice(), or launch a ring kernel with it'
      : `this unified buffer is on '${device.name}', whose memory is this process's own and has no device address: use onHost() there, or a runtime on 'cuda'`)
  }

  async onHost(): Promise<never> {
    this.#requireOpen('onHost')
    await this.#core.toHost(this.#from, this.#to)
    this.#requireOpen('onHost')
    return this.#core.hostElements(this.#from, this.#to) as never
  }

  async onDevice(): Promise<void> {
    this.#requireOpen('onDevice')
    await this.#core.toDevice(this.#from, this.#to, () => {
      const place = placeOfBuffers()
      if (place === undefined) throw new TypeError('this unified buffer is on no device yet: launch a ring kernel with it, or make a RingKernelRuntime first')
      return place
    })
  }

  set(data: ArrayLike<unknown>, offset = 0): void {
    this.#requireOpen('set')
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + data.length > this.#count) {
      throw new RangeError(`set() cannot write ${data.length} elements from element ${String(offset)} on: the buffer has ${this.#count}`)
    }
    const from = this.#from + offset
    const target = this.#core.hostElements(from, from + data.length)
    try { writeAll(this.element, target, data) } finally { this.#core.noteHostWrite(from, from + data.length) }
  }

  fill(value: unknown): void {
    this.#requireOpen('fill')
    const target = this.#core.hostElements(this.#from, this.#to)
    if (isStruct(this.element)) { const list = target as unknown[]; for (let i = 0; i < this.#count; i++) list[i] = value } else {
      writeAll(this.element, (target as Uint8Array).subarray(0, 1), [value]);
      (target as Uint8Array).fill((target as Uint8Array)[0] as number)
    }
    this.markHostDirty()
  }

  markHostDirty(): void {
    this.#requireOpen('markHostDirty')
    if (!this.#core.hasHost) throw new TypeError('markHostDirty() was called before there was a copy on the host to write to: get it with await buffer.onHost(), or write with set()')
    this.#core.noteHostWrite(this.#from, this.#to)
  }

  slice(start: number, end?: number): Buffer {
    this.#requireOpen('slice')
    const [length = 0, ...inner] = this.shape
    const [from, to] = [fromEnd(start, length), fromEnd(end ?? length, length)]
    if (!Number.isSafeInteger(start) || (end !== undefined && !Number.isSafeInteger(end)) || from < 0 || to > length || from >= to) {
      throw new RangeError(`slice(${[start, end].filter((each) => each !== undefined).join(', ')}) has no elements within this buffer's first dimension, which has ${length}`)
    }
    const row = this.#count / length
    return new Buffer(this.#core, this.#from + from * row, (to - from) * row, [to - from, ...inner], true)
  }

  [Symbol.dispose](): void {
    this.#isClosed = true
    if (!this.#isSlice) this.#core.dispose()
  }

  [inspect.custom](): string {
    const state = this.extent.isDisposed ? 'disposed' : this.state
    return `UnifiedBuffer of ${this.shape.join(' × ')} ${wordsOf(this.element)}, ${state}${this.#core.device === undefined ? '' : ` on ${this.#core.device.name}`}`
  }

  #requireOpen(call: string): void {
    if (this.extent.isDisposed) throw new TypeError(`this unified buffer is disposed, so ${call}() cannot be called; make a new one with unifiedBuffer()`)
  }
}

function fromEnd(index: number, length: number): number { return index < 0 ? length + index : index }

/** Writes into elements of the host's copy as a TypedArray store does, and refuses what is no number. */
function writeAll(element: Element, target: unknown, data: ArrayLike<unknown>): void {
  if (ArrayBuffer.isView(data) && data.constructor === (target as object).constructor && narrowing((element as Bool).dtype) === undefined) { (target as Float32Array).set(data as Float32Array); return }
  if (isStruct(element)) { const list = target as unknown[]; for (let i = 0; i < data.length; i++) list[i] = data[i]; return }
  const { dtype } = element as Scalar<number, ScalarArray> | Bool
  const array = target as Float32Array
  const type = dtype === 'i64' || dtype === 'u64' ? 'bigint' : 'number'
  for (let i = 0; i < data.length; i++) {
    const value = data[i]
    if (typeof value !== type && !(dtype === 'bool' && typeof value === 'boolean')) throw new MessageError(`element ${i} was given ${inspect(value, { depth: 0 })}, expected a ${type} (${dtype}).`, { schema: dtype, path: String(i) })
    array[i] = (dtype === 'bool' ? Number(Boolean(value)) : value) as number
  }
  const halves = narrowing(dtype)
  if (halves === undefined) return
  // From the values themselves, not from what an f32 made of them: rounded once.
  const convert = element as unknown as (value: number) => number
  for (let i = 0; i < data.length; i++) array[i] = convert(data[i] as number)
}

/** How many elements are in data. */
function lengthOf(element: Element, data: ArrayBufferView): number {
  if (!isStruct(element) && !(data instanceof DataView)) return (data as Uint8Array).length
  if (data.byteLength % element.bytes === 0) return data.byteLength / element.bytes
  throw new TypeError(`${data.byteLength} bytes are no whole number of ${wordsOf(element)} (${element.bytes} bytes each): a unified buffer takes the bytes of whole elements`)
}

function elementsIn(element: Element, data: ArrayBufferView): ArrayLike<unknown> {
  if (!isStruct(element) && !(data instanceof DataView)) return data as Uint8Array
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  if (!isStruct(element)) throw new TypeError(`a unified buffer of ${wordsOf(element)} takes a TypedArray; make one over the DataView's bytes`)
  const codec = structCodec(element).bind(bytes.buffer)
  return Array.from({ length: bytes.length / element.bytes }, (_, i) => codec.read(i * element.bytes))
}
