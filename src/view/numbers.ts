// Any array of numbers as one thing to look through: typed arrays of every kind, plain arrays, bytes behind a DataView. Read in blocks of
// doubles, since one loop over a Float64Array is several times faster than one that meets eleven kinds of array.

/** An array of numbers. `kind` is its type for a reader: `Float32Array`, `numbers`. */
export interface Numbers {
  readonly length: number
  readonly kind: string
  /** The element itself, exactly. */
  at(index: number): number | bigint
  /** Elements [start, start + count) as doubles into `block`. */
  read(start: number, count: number, block: Float64Array): void
}

/** What is in an array. `least` and `greatest` are of the finite elements, NaN when there is none. */
export interface Summary { readonly length: number; readonly finite: number; readonly nan: number; readonly infinite: number; readonly negativeInfinite: number; readonly least: number; readonly greatest: number; readonly mean: number; /** Elements beyond ±2⁵³, rounded when read as doubles. */ readonly rounded: number }

/** Elements a block: 128 KiB of doubles, which stay in a core's cache. */
export const blockLength = 16_384

/** The numbers in a value, or undefined when it is not an array of numbers. */
export function numbersOf(value: unknown): Numbers | undefined {
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) return bigNumbers(value)
  if (value instanceof DataView) return typedNumbers(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), 'DataView, bytes')
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return typedNumbers(new Uint8Array(value), `${value instanceof ArrayBuffer ? 'ArrayBuffer' : 'SharedArrayBuffer'}, bytes`)
  if (ArrayBuffer.isView(value)) return typedNumbers(value as unknown as NumberArray, value.constructor.name)
  if (Array.isArray(value) && value.length > 0 && value.every((element) => typeof element === 'number' || typeof element === 'bigint' || typeof element === 'boolean')) return plainNumbers(value)
  return undefined
}

/** One pass over all elements. */
export function summaryOf(numbers: Numbers): Summary {
  const block = new Float64Array(Math.min(blockLength, numbers.length))
  let nan = 0, infinite = 0, negativeInfinite = 0, rounded = 0, sum = 0
  let least = Infinity, greatest = -Infinity
  for (let start = 0; start < numbers.length; start += blockLength) {
    const count = Math.min(blockLength, numbers.length - start)
    numbers.read(start, count, block)
    for (let i = 0; i < count; i++) {
      const value = block[i] as number
      if (value - value !== 0) { if (value === Infinity) infinite++; else if (value === -Infinity) negativeInfinite++; else nan++; continue }
      if (value < least) least = value
      if (value > greatest) greatest = value
      sum += value
    }
  }
  // Only 64-bit integers can be rounded on their way into a double.
  if (Math.max(Math.abs(least), Math.abs(greatest)) > Number.MAX_SAFE_INTEGER && typeof numbers.at(0) === 'bigint') rounded = countRounded(numbers, block)
  const finite = numbers.length - nan - infinite - negativeInfinite
  return { length: numbers.length, finite, nan, infinite, negativeInfinite, least: finite > 0 ? least : NaN, greatest: finite > 0 ? greatest : NaN, mean: finite > 0 ? sum / finite : NaN, rounded }
}

type NumberArray = Exclude<NodeJS.TypedArray, BigInt64Array | BigUint64Array>

function typedNumbers(array: NumberArray, kind: string): Numbers {
  return { length: array.length, kind, at: (index) => array[index] ?? NaN, read: (start, count, block) => block.set(array.subarray(start, start + count)) }
}

/** 64-bit integers by their halves: a bigint an element would take a second for ten million. */
function bigNumbers(array: BigInt64Array | BigUint64Array): Numbers {
  const low = new Uint32Array(array.buffer, array.byteOffset, array.length * 2)
  const high = array instanceof BigInt64Array ? new Int32Array(array.buffer, array.byteOffset, array.length * 2) : low
  return {
    length: array.length, kind: array.constructor.name, at: (index) => array[index] ?? 0n,
    read(start, count, block) { for (let i = 0; i < count; i++) { const word = (start + i) * 2; block[i] = (high[word + 1] as number) * 4294967296 + (low[word] as number) } },
  }
}

function plainNumbers(array: readonly (number | bigint | boolean)[]): Numbers {
  return {
    length: array.length, kind: array.every((element) => typeof element === 'bigint') ? 'bigints' : 'numbers',
    at: (index) => { const element = array[index] ?? NaN; return typeof element === 'boolean' ? Number(element) : element },
    read(start, count, block) { for (let i = 0; i < count; i++) block[i] = Number(array[start + i]) },
  }
}

function countRounded(numbers: Numbers, block: Float64Array): number {
  let count = 0
  for (let start = 0; start < numbers.length; start += blockLength) {
    const length = Math.min(blockLength, numbers.length - start)
    numbers.read(start, length, block)
    for (let i = 0; i < length; i++) if (Math.abs(block[i] as number) > Number.MAX_SAFE_INTEGER) count++
  }
  return count
}
