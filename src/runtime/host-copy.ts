// The host's copy of a unified buffer: memory of its own, or the array that the user gave, which then is the copy.
import { elementsOf, holdsScalars, isStruct, layoutOf, narrowing, scalarArray, scalarArrayBytes, structCodec, wordsOf, type Bool, type Dtype, type Element, type Scalar, type ScalarArray } from '../schema/index.js'
import { PAGE_BYTES } from '../ring/control.js'

/** Undefined of structs. */
function dtypeOf(element: Element): Dtype | undefined { return isStruct(element) ? undefined : (element as Scalar<unknown, unknown> | Bool).dtype }

/**
 * Can `data` itself be the host's copy? For scalars, a TypedArray of the element's own kind (bool as Uint8Array; never f16 and bf16, which are numbers on the
 * host and 16 bits on the device); for structs, their bytes, where they begin at a multiple of the struct's alignment.
 */
export function canKeep(element: Element, data: ArrayBufferView): boolean {
  if (isStruct(element)) return data.byteOffset % layoutOf(element).align === 0
  return holdsScalars(dtypeOf(element) as Dtype, data)
}

export class HostCopy {
  readonly memory: ArrayBufferLike
  /** Bytes from the memory's start to the first element, and of all elements. */
  readonly offset: number
  readonly bytes: number
  /** What the user gave. */
  readonly given: ArrayBufferView | undefined
  readonly #element: Element
  readonly #dtype: Dtype | undefined
  /** As the host's arrays hold an element: 16-bit floats lie there as f32. */
  readonly #elementBytes: number
  readonly #array: ScalarArray | undefined

  /** @throws RangeError when there is no memory for it. */
  constructor(element: Element, count: number, given: ArrayBufferView | undefined, isPinned: boolean) {
    this.#element = element
    this.#dtype = dtypeOf(element)
    this.#elementBytes = this.#dtype === undefined ? element.bytes : scalarArrayBytes(this.#dtype)
    this.bytes = count * this.#elementBytes
    this.given = given
    if (given === undefined) {
      // Pages of its own where they are to be page-locked: what lies beside it must not be part of that.
      this.offset = isPinned ? PAGE_BYTES : 0
      try { this.memory = isPinned ? new SharedArrayBuffer(this.bytes + 2 * PAGE_BYTES) : new ArrayBuffer(this.bytes) } catch (cause) {
        throw new RangeError(`There is no memory for the ${this.bytes} bytes of a unified buffer of ${count} ${wordsOf(element)}.`, { cause })
      }
    } else {
      this.memory = given.buffer
      this.offset = given.byteOffset
    }
    if (this.#dtype === undefined) return
    this.#array = given !== undefined ? given as ScalarArray : scalarArray(this.#dtype, this.memory, this.offset, count)
  }

  /** Elements `from` … `to` − 1, live. */
  elements(from: number, to: number): unknown {
    this.#requireThere()
    if (this.#array === undefined) return elementsOf(this.#element, this.memory, this.offset + from * this.#elementBytes, to - from)
    return from === 0 && to === this.#array.length ? this.#array : this.#array.subarray(from, to)
  }

  /** The same, structs as objects of their own. */
  records(from: number, to: number): ScalarArray | unknown[] {
    if (!isStruct(this.#element)) return this.elements(from, to) as ScalarArray
    this.#requireThere()
    const codec = structCodec(this.#element).bind(this.memory)
    return Array.from({ length: to - from }, (_, i) => codec.read(this.offset + (from + i) * this.#elementBytes))
  }

  /** The bytes of elements as the device holds them; what a 16-bit format cannot hold is rounded on the host, too. */
  packed(from: number, to: number): Uint8Array {
    const halves = this.#halves
    if (halves === undefined) return this.#bytesOf(from, to)
    const bits = new Uint16Array(to - from)
    halves.pack(this.elements(from, to) as Float32Array, bits)
    return new Uint8Array(bits.buffer)
  }

  /** Has `fill` write the bytes of elements as the device holds them. */
  async unpack(from: number, to: number, fill: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    const halves = this.#halves
    if (halves === undefined) { await fill(this.#bytesOf(from, to)); return }
    const bits = new Uint16Array(to - from)
    await fill(new Uint8Array(bits.buffer))
    halves.unpack(bits, this.elements(from, to) as Float32Array)
  }

  get #halves(): ReturnType<typeof narrowing> { return this.#dtype === undefined ? undefined : narrowing(this.#dtype) }

  #bytesOf(from: number, to: number): Uint8Array {
    this.#requireThere()
    return new Uint8Array(this.memory, this.offset + from * this.#elementBytes, (to - from) * this.#elementBytes)
  }

  #requireThere(): void {
    if (this.given === undefined || this.given.byteLength === this.bytes) return
    throw new TypeError(`this unified buffer keeps the array it was made of as its host copy, and that array's memory was transferred or resized (it has ${this.given.byteLength} of ${this.bytes} bytes): keep it, or make the buffer of a copy: unifiedBuffer(element, data.slice())`)
  }
}
