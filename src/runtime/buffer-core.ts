// The two copies of a unified buffer and what each has newer than the other. Shared by a buffer and its slices.
//
// Host writes are kept as ranges, so that a partial write beside a ring kernel that writes the rest is uploaded alone, and never takes stale elements along.
import { wordsOf, type Element, type ScalarArray } from '../schema/index.js'
import type { ActorDevice, DeviceBlock, MemoryHolder } from './device.js'
import { DeviceError } from './errors.js'
import { HostCopy } from './host-copy.js'
import { Ranges } from './ranges.js'
import { currentBodyLog } from './registry.js'

export type BufferState = 'UNINITIALIZED' | 'HOST_ONLY' | 'DEVICE_ONLY' | 'SYNCHRONIZED' | 'HOST_DIRTY' | 'DEVICE_DIRTY'

/** A ring kernel that was launched with a buffer, from launch to its end. */
export interface BufferUser {
  readonly id: string
  /** May it write right now? */
  readonly mayWrite: boolean
}

/** The device's copy. */
interface Seat { readonly device: ActorDevice; readonly block: DeviceBlock; readonly unpin: (() => void) | undefined; isTouched: boolean }

/** Which buffers have a place on a device, without keeping them. */
const seated = new WeakMap<ActorDevice, Set<WeakRef<BufferCore>>>()

/** Brings every buffer on `device`, which is about to end, back to the host. */
export async function vacate(device: ActorDevice): Promise<void> {
  const cores = [...seated.get(device) ?? []].flatMap((each) => each.deref() ?? [])
  await Promise.allSettled(cores.map((core) => core.leave(device)))
}

/** Who still holds memory of `device`: buffers that were neither disposed nor collected. */
export function leaksOn(device: ActorDevice): MemoryHolder[] { return [...seated.get(device) ?? []].flatMap((each) => each.deref()?.holder ?? []) }

/** Device memory of buffers that were forgotten rather than disposed. */
const forgotten = new FinalizationRegistry<Seat>(release)

export class BufferCore {
  readonly element: Element
  readonly count: number
  /** Where the user made it. */
  readonly madeAt: string | undefined
  readonly #isPinned: boolean
  #host: HostCopy | undefined
  #seat: Seat | undefined
  readonly #hostNewer = new Ranges()
  readonly #deviceNewer = new Ranges()
  readonly #users = new Set<BufferUser>()
  /** Copies run one after the other. */
  #lastCopy: Promise<unknown> = Promise.resolve()
  readonly #self = new WeakRef(this)
  isDisposed = false

  /** `given` is the host's copy from the start. */
  constructor(element: Element, count: number, isPinned: boolean, given?: ArrayBufferView, madeAt?: string) {
    this.element = element
    this.count = count
    this.madeAt = madeAt
    this.#isPinned = isPinned
    if (given !== undefined) this.#host = new HostCopy(element, count, given, isPinned)
  }

  get device(): ActorDevice | undefined { return this.#seat?.device }
  get block(): DeviceBlock | undefined { return this.#seat?.block }
  get hasHost(): boolean { return this.#host !== undefined }
  /** Is the host's copy the array that was given? */
  get isKept(): boolean { return this.#host?.given !== undefined }
  /** Is the host's copy page-locked now? */
  get isPinned(): boolean { return this.#seat?.unpin !== undefined }
  /** As who it holds memory of a device. */
  get holder(): MemoryHolder { return { what: `a unified buffer of ${this.count} ${wordsOf(this.element)}`, kind: 'buffer', bytes: this.count * this.element.bytes, madeAt: this.madeAt } }

  state(from: number, to: number): BufferState {
    if (this.#seat === undefined) return this.#host === undefined ? 'UNINITIALIZED' : 'HOST_ONLY'
    if (this.#host === undefined) return 'DEVICE_ONLY'
    if (this.#hostNewer.within(from, to).length > 0) return 'HOST_DIRTY'
    this.#noteWriters()
    return this.#deviceNewer.within(from, to).length > 0 ? 'DEVICE_DIRTY' : 'SYNCHRONIZED'
  }

  /** The host's copy of some elements, live; made (zeros) when there is none. */
  hostElements(from: number, to: number): unknown {
    return this.#hostCopy().elements(from, to)
  }

  /** The host's copy of some elements, structs as objects of their own; only where there is a copy. */
  hostRecords(from: number, to: number): ScalarArray | unknown[] {
    return this.#hostCopy().records(from, to)
  }

  /** The host wrote these elements, or says so. */
  noteHostWrite(from: number, to: number): void {
    if (this.#seat !== undefined) this.#hostNewer.add(from, to)
  }

  /** A ring kernel may have written any element. */
  noteDeviceWrite(): void { if (this.#host !== undefined && this.#seat !== undefined) this.#deviceNewer.add(0, this.count) }

  addUser(user: BufferUser): void { this.#users.add(user) }
  /** `isGone` is false of a body that was cut off: it may write there for ever, so nobody else is ever given that memory. */
  removeUser(user: BufferUser, isGone = true): void {
    this.#users.delete(user)
    if (!isGone && this.#seat !== undefined) this.#seat.isTouched = true
    if (this.isDisposed) this.#leaveSeat()
  }

  /** Brings the host's copy up to date; elements that the host wrote since stay as they are. */
  toHost(from: number, to: number): Promise<void> {
    return this.#inTurn(async () => {
      this.#hostCopy()
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

  #hostCopy(): HostCopy {
    if (this.#host !== undefined) return this.#host
    this.#host = new HostCopy(this.element, this.count, undefined, this.#isPinned)
    // What the device has was there before.
    if (this.#seat !== undefined) this.#deviceNewer.add(0, this.count)
    return this.#host
  }

  #noteWriters(): void { for (const user of this.#users) if (user.mayWrite) { this.noteDeviceWrite(); return } }

  async #upload(from: number, to: number): Promise<void> {
    const seat = this.#seat
    if (seat === undefined || this.#host === undefined) return
    for (const [start, end] of this.#hostNewer.within(from, to)) {
      const bytes = this.#host.packed(start, end)
      // Before the copy: what is written meanwhile is newer again.
      this.#hostNewer.remove(start, end)
      this.#deviceNewer.remove(start, end)
      try { await seat.device.memory.upload(seat.block, start * this.element.bytes, bytes) } catch (error) { this.#hostNewer.add(start, end); throw error }
    }
  }

  #download(seat: Seat, start: number, end: number): Promise<void> {
    return this.#hostCopy().unpack(start, end, (bytes) => seat.device.memory.download(seat.block, start * this.element.bytes, bytes))
  }

  async #sit(device: ActorDevice): Promise<void> {
    const block = await device.memory.allocate(this.count * this.element.bytes, this.holder)
    const seat: Seat = { device, block, unpin: await this.#pin(device), isTouched: false }
    if (this.isDisposed) { release(seat); throw new DeviceError(device.name, 'the unified buffer was disposed while it was given a place on its device') }
    this.#seat = seat
    forgotten.register(this, seat, this)
    const others = seated.get(device) ?? new Set()
    seated.set(device, others.add(this.#self))
    this.#deviceNewer.clear()
    if (this.#host !== undefined) this.#hostNewer.add(0, this.count)
  }

  /** Page-locks the host's copy where the device gains by that; a buffer that cannot be page-locked works all the same, and that is told once. */
  async #pin(device: ActorDevice): Promise<(() => void) | undefined> {
    if (!this.#isPinned || this.isDisposed || device.memory.pin === undefined) return undefined
    const { memory, offset, bytes } = this.#hostCopy()
    try { return await device.memory.pin(memory, offset, bytes) } catch (error) {
      currentBodyLog()(`${this.holder.what}${this.madeAt === undefined ? '' : ` (made at ${this.madeAt})`} is not page-locked for ${device.name}, so its copies are slower: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
  }

  /** Leaves the device without losing what only it has. */
  async #stand(): Promise<void> {
    const seat = this.#seat
    if (seat === undefined) return
    if (!this.isDisposed) {
      this.#hostCopy()
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

function release({ device, block, unpin, isTouched }: Seat): void {
  unpin?.()
  if (isTouched) device.memory.discard(block)
  else device.memory.release(block)
}
