// The two copies of a unified buffer and what each has newer than the other. Shared by a buffer and its slices.
//
// Host writes are kept as ranges, so that a partial write beside a ring kernel that writes the rest is uploaded alone, and never takes stale elements along.
import { elementsOf, isStruct, narrowing, scalarArray, scalarArrayBytes, structCodec, wordsOf, type Bool, type Dtype, type Element, type Scalar, type ScalarArray } from '../schema/index.js'
import type { ActorDevice, DeviceBlock } from './device.js'
import { DeviceError } from './errors.js'
import { Ranges } from './ranges.js'

export type BufferState = 'UNINITIALIZED' | 'HOST_ONLY' | 'DEVICE_ONLY' | 'SYNCHRONIZED' | 'HOST_DIRTY' | 'DEVICE_DIRTY'

/** A ring kernel that was launched with a buffer, from launch to its end. */
export interface BufferUser {
  readonly id: string
  /** May it write right now? */
  readonly mayWrite: boolean
}

/** The device's copy. */
interface Seat { readonly device: ActorDevice; readonly block: DeviceBlock; readonly unpin: (() => void) | undefined }

/** Which buffers have a place on a device, without keeping them. */
const seated = new WeakMap<ActorDevice, Set<WeakRef<BufferCore>>>()

/** Brings every buffer on `device`, which is about to end, back to the host. */
export async function vacate(device: ActorDevice): Promise<void> {
  const cores = [...seated.get(device) ?? []].flatMap((each) => each.deref() ?? [])
  await Promise.allSettled(cores.map((core) => core.leave(device)))
}

/** Device memory of buffers that were forgotten rather than disposed. */
const forgotten = new FinalizationRegistry<Seat>(release)

export class BufferCore {
  readonly element: Element
  readonly count: number
  /** Undefined of structs. */
  readonly #dtype: Dtype | undefined
  readonly #isPinned: boolean
  /** The host's copy, as its arrays hold it: 16-bit floats lie there as f32. */
  #host: ArrayBuffer | SharedArrayBuffer | undefined
  #seat: Seat | undefined
  readonly #hostNewer = new Ranges()
  readonly #deviceNewer = new Ranges()
  readonly #users = new Set<BufferUser>()
  /** Copies run one after the other. */
  #lastCopy: Promise<unknown> = Promise.resolve()
  readonly #self = new WeakRef(this)
  isDisposed = false

  constructor(element: Element, count: number, isPinned: boolean) {
    this.element = element
    this.count = count
    this.#dtype = isStruct(element) ? undefined : (element as Scalar<unknown, unknown> | Bool).dtype
    this.#isPinned = isPinned
  }

  get device(): ActorDevice | undefined { return this.#seat?.device }
  get block(): DeviceBlock | undefined { return this.#seat?.block }
  get hasHost(): boolean { return this.#host !== undefined }

  state(from: number, to: number): BufferState {
    if (this.#seat === undefined) return this.#host === undefined ? 'UNINITIALIZED' : 'HOST_ONLY'
    if (this.#host === undefined) return 'DEVICE_ONLY'
    if (this.#hostNewer.within(from, to).length > 0) return 'HOST_DIRTY'
    this.#noteWriters()
    return this.#deviceNewer.within(from, to).length > 0 ? 'DEVICE_DIRTY' : 'SYNCHRONIZED'
  }

  /** The host's copy of some elements, live; made (zeros) when there is none. */
  hostElements(from: number, to: number): unknown {
    const memory = this.#hostMemory()
    if (isStruct(this.element)) return elementsOf(this.element, memory, from * this.element.bytes, to - from)
    return this.#hostArray(memory).subarray(from, to)
  }

  /** The host's copy of some elements, structs as objects of their own; only where there is a copy. */
  hostRecords(from: number, to: number): ScalarArray | unknown[] {
    const memory = this.#hostMemory()
    if (!isStruct(this.element)) return this.#hostArray(memory).subarray(from, to)
    const codec = structCodec(this.element).bind(memory)
    return Array.from({ length: to - from }, (_, i) => codec.read((from + i) * this.element.bytes))
  }

  /** The host wrote these elements, or says so. */
  noteHostWrite(from: number, to: number): void {
    if (this.#seat !== undefined) this.#hostNewer.add(from, to)
  }

  /** A ring kernel may have written any element. */
  noteDeviceWrite(): void { if (this.#host !== undefined && this.#seat !== undefined) this.#deviceNewer.add(0, this.count) }

  addUser(user: BufferUser): void { this.#users.add(user) }
  removeUser(user: BufferUser): void {
    this.#users.delete(user)
    if (this.isDisposed) this.#leaveSeat()
  }

  /** Brings the host's copy up to date; elements that the host wrote since stay as they are. */
  toHost(from: number, to: number): Promise<void> {
    return this.#inTurn(async () => {
      this.#hostMemory()
      this.#noteWriters()
      const seat = this.#seat
      if (seat === undefined) return
      for (const [start, end] of this.#deviceNewer.withinBut(this.#hostNewer, from, to)) {
        await this.#download(seat, start, end)
        this.#deviceNewer.remove(start, end)
      }
    })
  }

  /** Brings the device's copy up to date; `device` gives the buffer a place when it has none. */
  toDevice(from: number, to: number, device: () => Promise<ActorDevice>): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#seat === undefined) await this.#sit(await device())
      await this.#upload(from, to)
    })
  }

  /** Gives the buffer its place on `device` and uploads what the host has newer. @throws TypeError when a ring kernel uses it elsewhere. */
  moveTo(device: ActorDevice): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#seat !== undefined && this.#seat.device !== device) {
        const [user] = this.#users
        if (user !== undefined) throw new TypeError(`it is already on '${this.#seat.device.name}'${this.#seat.device.name === device.name ? ' of another runtime' : ''}, where ring kernel '${user.id}' uses it: terminate that one first, or give each device a buffer of its own`)
        await this.#stand()
      }
      if (this.#seat === undefined) await this.#sit(device)
      await this.#upload(0, this.count)
    })
  }

  /** The device ends: its copy comes to the host. */
  leave(device: ActorDevice): Promise<void> {
    return this.#inTurn(async () => { if (this.#seat?.device === device) await this.#stand() })
  }

  dispose(): void {
    this.isDisposed = true
    this.#host = undefined
    this.#hostNewer.clear()
    this.#deviceNewer.clear()
    // A ring kernel that still uses it keeps the device's copy until it ends.
    if (this.#users.size === 0) this.#leaveSeat()
  }

  #hostMemory(): ArrayBuffer | SharedArrayBuffer {
    if (this.#host !== undefined) return this.#host
    const bytes = this.count * (this.#dtype === undefined ? this.element.bytes : scalarArrayBytes(this.#dtype))
    try { this.#host = this.#isPinned ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes) } catch (cause) {
      throw new RangeError(`There is no memory for the ${bytes} bytes of a unified buffer of ${this.count} ${wordsOf(this.element)}.`, { cause })
    }
    // What the device has was there before.
    if (this.#seat !== undefined) this.#deviceNewer.add(0, this.count)
    return this.#host
  }

  #hostArray(memory: ArrayBuffer | SharedArrayBuffer): ScalarArray { return scalarArray(this.#dtype ?? 'u8', memory) }

  #noteWriters(): void { for (const user of this.#users) if (user.mayWrite) { this.noteDeviceWrite(); return } }

  async #upload(from: number, to: number): Promise<void> {
    const seat = this.#seat
    if (seat === undefined || this.#host === undefined) return
    for (const [start, end] of this.#hostNewer.within(from, to)) {
      const bytes = this.#packed(this.#host, start, end)
      // Before the copy: what is written meanwhile is newer again.
      this.#hostNewer.remove(start, end)
      this.#deviceNewer.remove(start, end)
      try { await seat.device.memory.upload(seat.block, start * this.element.bytes, bytes) } catch (error) { this.#hostNewer.add(start, end); throw error }
    }
  }

  async #download(seat: Seat, start: number, end: number): Promise<void> {
    const { bytes } = this.element
    const host = this.#hostMemory()
    const halves = this.#dtype === undefined ? undefined : narrowing(this.#dtype)
    if (halves === undefined) { await seat.device.memory.download(seat.block, start * bytes, new Uint8Array(host, start * bytes, (end - start) * bytes)); return }
    const bits = new Uint16Array(end - start)
    await seat.device.memory.download(seat.block, start * bytes, new Uint8Array(bits.buffer))
    halves.unpack(bits, this.#hostArray(host).subarray(start, end) as Float32Array)
  }

  /** The bytes of host elements as the device holds them; what a 16-bit format cannot hold is rounded on the host, too. */
  #packed(host: ArrayBuffer | SharedArrayBuffer, start: number, end: number): Uint8Array {
    const { bytes } = this.element
    const halves = this.#dtype === undefined ? undefined : narrowing(this.#dtype)
    if (halves === undefined) return new Uint8Array(host, start * bytes, (end - start) * bytes)
    const bits = new Uint16Array(end - start)
    halves.pack(this.#hostArray(host).subarray(start, end) as Float32Array, bits)
    return new Uint8Array(bits.buffer)
  }

  async #sit(device: ActorDevice): Promise<void> {
    const block = await device.memory.allocate(this.count * this.element.bytes)
    const unpin = this.#isPinned ? device.memory.pin?.(this.#hostMemory()) : undefined
    const seat: Seat = { device, block, unpin }
    if (this.isDisposed) { release(seat); throw new DeviceError(device.name, 'the unified buffer was disposed while it was given a place on its device') }
    this.#seat = seat
    forgotten.register(this, seat, this)
    const others = seated.get(device) ?? new Set()
    seated.set(device, others.add(this.#self))
    this.#deviceNewer.clear()
    if (this.#host !== undefined) this.#hostNewer.add(0, this.count)
  }

  /** Leaves the device without losing what only it has. */
  async #stand(): Promise<void> {
    const seat = this.#seat
    if (seat === undefined) return
    if (!this.isDisposed) {
      this.#hostMemory()
      this.#noteWriters()
      for (const [start, end] of this.#deviceNewer.withinBut(this.#hostNewer, 0, this.count)) await this.#download(seat, start, end)
    }
    this.#leaveSeat()
  }

  #leaveSeat(): void {
    const seat = this.#seat
    if (seat === undefined) return
    this.#seat = undefined
    seated.get(seat.device)?.delete(this.#self)
    this.#hostNewer.clear()
    this.#deviceNewer.clear()
    forgotten.unregister(this)
    release(seat)
  }

  #inTurn<T>(copy: () => Promise<T>): Promise<T> {
    const done = this.#lastCopy.then(copy, copy)
    this.#lastCopy = done.catch(() => undefined)
    return done
  }
}

function release({ device, block, unpin }: Seat): void {
  unpin?.()
  device.memory.release(block)
}
