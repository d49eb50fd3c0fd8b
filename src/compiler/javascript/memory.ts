// Places as elements of typed-array views: which view, and at which index. Offsets known now are folded into one number.
import type { Dtype, Layout } from '../../schema/index.js'
import { accessOf, type ArrayName } from '../../schema/memory-text.js'
import type { Base, Expr, Place, Program } from '../ir.js'
import type { Names } from './names.js'

const shortNames: Readonly<Record<ArrayName, string>> = {
  Int8Array: 'i8s', Uint8Array: 'u8s', Int16Array: 'i16s', Uint16Array: 'u16s', Int32Array: 'i32s', Uint32Array: 'u32s',
  BigInt64Array: 'i64s', BigUint64Array: 'u64s', Float32Array: 'f32s', Float64Array: 'f64s',
}

/** The views that emitted text uses, each declared once, and where its memories begin. */
export class Memories {
  readonly #program: Program
  readonly #names: Names
  readonly #views = new Map<string, { readonly name: string; readonly declaration: string }>()
  /** Variables for what is fixed when the text is evaluated: where buffers begin, and how many elements they have. */
  readonly #starts = new Map<string, { readonly name: string; readonly value: string }>()
  /** Names of the message variables. */
  readonly messages: readonly string[]

  constructor(program: Program, names: Names, messages: readonly string[]) {
    this.#program = program
    this.#names = names
    this.messages = messages
  }

  /** What the text's head declares. */
  declarations(): string[] {
    const constants = this.#program.tables.length > 0 ? ['// A copy of its own begins at byte 0.', 'const constants = places.constants.slice().buffer'] : []
    return [...constants, ...[...this.#starts.values()].map(({ name, value }) => `const ${name} = ${value}`), ...[...this.#views.values()].map(({ declaration }) => declaration)]
  }

  /** A view of the ring kernel's own memory. */
  own(array: ArrayName): string { return this.#view('', 'memory', array) }

  /** The element of `place` as `array` sees it; `extra` bytes further on. */
  element(place: Place, array: ArrayName, shift: number, index: (e: Expr) => string, extra = 0): string {
    const { view, at } = this.#at(place, array, shift, index, extra)
    return `${view}[${at}]`
  }

  view(place: Place, array: ArrayName): string { return this.#memoryOf(place.base, array) }

  /** Index of the first element of `place` in the view of `array`. */
  index(place: Place, array: ArrayName, shift: number, index: (e: Expr) => string): string { return this.#at(place, array, shift, index, 0).at }

  sameMemory(a: Base, b: Base): boolean { return this.#memoryOf(a, 'Uint8Array') === this.#memoryOf(b, 'Uint8Array') }

  /** Elements of a buffer. */
  length(buffer: number): string { return this.#fixed(`${this.#bufferName(buffer)}_length`, `places.buffers[${buffer}].count`) }

  #at(place: Place, array: ArrayName, shift: number, index: (e: Expr) => string, extra: number): { readonly view: string; readonly at: string } {
    const { start, constant } = this.#begin(place.base)
    let known = constant + extra
    const terms: string[] = start === undefined ? [] : [shift === 0 ? start : `(${start} >>> ${shift})`]
    for (const step of place.steps) {
      if (step.kind === 'field') { known += step.offset; continue }
      if (step.index.op === 'constant') { known += Number(step.index.value) * step.stride; continue }
      const scale = step.stride / 2 ** shift
      const text = index(step.index)
      terms.push(scale === 1 ? text : `${text} * ${scale}`)
    }
    if (known !== 0 || terms.length === 0) terms.push(String(known / 2 ** shift))
    return { view: this.#memoryOf(place.base, array), at: terms.join(' + ') }
  }

  /** Where a base begins in its memory: a variable, a known number of bytes, or both. */
  #begin(base: Base): { readonly start: string | undefined; readonly constant: number } {
    switch (base.kind) {
      case 'region': return { start: 'regions', constant: this.#program.regions[base.region]?.offset ?? 0 }
      case 'message': {
        const region = this.#program.messages[base.message]?.region
        return region === undefined ? { start: this.messages[base.message], constant: 0 } : this.#begin({ kind: 'region', region })
      }
      case 'state': return { start: 'state', constant: 0 }
      case 'out': return { start: 'out', constant: 0 }
      case 'buffer': return { start: this.#fixed(`${this.#bufferName(base.buffer)}_start`, `places.buffers[${base.buffer}].offset`), constant: 0 }
      case 'table': return { start: undefined, constant: this.#program.tables[base.table]?.offset ?? 0 }
      case 'arguments': return { start: this.#fixed('arguments_start', 'places.arguments.offset'), constant: 0 }
    }
  }

  #memoryOf(base: Base, array: ArrayName): string {
    switch (base.kind) {
      case 'buffer': return this.#view(`${this.#bufferName(base.buffer)}_`, `places.buffers[${base.buffer}].memory`, array)
      case 'table': return this.#view('constant_', 'constants', array)
      case 'arguments': return this.#view('argument_', 'places.arguments.memory', array)
      default: return this.own(array)
    }
  }

  #bufferName(buffer: number): string { return this.#program.buffers[buffer]?.name ?? 'buffer' }

  #fixed(wanted: string, value: string): string {
    const known = this.#starts.get(value)
    if (known !== undefined) return known.name
    const name = this.#names.claim(wanted)
    this.#starts.set(value, { name, value })
    return name
  }

  #view(prefix: string, memory: string, array: ArrayName): string {
    const key = `${memory} ${array}`
    const known = this.#views.get(key)
    if (known !== undefined) return known.name
    const name = this.#names.claim(`${prefix}${shortNames[array]}`)
    // A memory's last odd bytes are out of reach of wide views.
    const declaration = `const ${name} = new ${array}(${memory}, 0, Math.floor(${memory}.byteLength / ${array}.BYTES_PER_ELEMENT))`
    this.#views.set(key, { name, declaration })
    return name
  }
}

/** The view a scalar lies in. */
export function scalarView(dtype: Dtype): { readonly array: ArrayName; readonly shift: number } {
  const { view, shift } = accessOf[dtype]
  return { array: view, shift }
}

/** The widest integer view that all of a layout can be moved by, word by word: bits stay as they are, those of NaNs too. */
export function movingView(layout: Layout): { readonly array: ArrayName; readonly shift: number } {
  if (layout.align >= 4) return { array: 'Int32Array', shift: 2 }
  return layout.align === 2 ? { array: 'Uint16Array', shift: 1 } : { array: 'Uint8Array', shift: 0 }
}
