// Reading and writing one struct at a byte offset: JavaScript generated for the struct's layout, over typed-array views of one memory.
// Generated, because a walk over the layout costs a microsecond where a ring's slot has tens of nanoseconds.

import { columnCodec } from './columns.js'
import type { ColumnCodec } from './columns.js'
import { MessageError } from './error.js'
import { faultOf } from './fault.js'
import { bf16Bits, bf16Value, f16Bits, f16Value } from './half.js'
import { layoutOf } from './layout.js'
import type { Layout, StructLayout } from './layout.js'
import { accessOf, elementAt, indexOf, isPlain, viewDeclarations } from './memory-text.js'
import type { Fields, Struct } from './types.js'

/** Reads and writes one kind of message at byte offsets of one memory. */
export interface BoundCodec {
  /** Writes `value`; touches no byte outside the message's own. @throws MessageError when it does not fit the schema. */
  readonly write: (byteOffset: number, value: unknown) => void
  /** A private copy of what is there. */
  readonly read: (byteOffset: number) => unknown
  /** Copies what of a message does not lie in its bytes, where there is such. */
  readonly copyBeside?: (fromByte: number, toByte: number) => void
}

/** A kind of message in bytes. */
export interface Codec {
  readonly bytes: number
  readonly align: number
  bind(memory: ArrayBufferLike): BoundCodec
  bindColumns(memory: ArrayBufferLike): ColumnCodec
}

const codecs = new WeakMap<Struct<Fields>, Codec>()

/** The codec of a struct; made once a struct, and bound once a memory. */
export function structCodec(schema: Struct<Fields>): Codec {
  const known = codecs.get(schema)
  if (known) return known
  const layout = layoutOf(schema)
  const bound = new WeakMap<ArrayBufferLike, BoundCodec>()
  const codec: Codec = {
    bytes: layout.bytes,
    align: layout.align,
    bind(memory) {
      const ready = bound.get(memory) ?? bindStruct(schema, layout, memory)
      bound.set(memory, ready)
      return ready
    },
    bindColumns: columnCodec(schema, layout),
  }
  codecs.set(schema, codec)
  return codec
}

function bindStruct(schema: Struct<Fields>, layout: StructLayout, memory: ArrayBufferLike): BoundCodec {
  // A text of its own for each memory, so that V8 keeps the views as constants of the optimised code.
  const make = new Function('memory', 'refuse', 'misplaced', 'unknownKey', 'f16Bits', 'bf16Bits', 'f16Value', 'bf16Value', structText(layout)) as
    (...parts: unknown[]) => BoundCodec
  const refuse = (value: unknown): never => {
    const error = faultOf(schema, value) ?? new MessageError(`${schema.name} was given a value whose fields changed while they were read.`, { schema: schema.name })
    // Generated code is no place a reader can go to: the trace begins at the caller.
    Error.captureStackTrace(error, bound.write)
    throw error
  }
  const misplaced = (offset: number): never => {
    throw new RangeError(`${schema.name} (${layout.bytes} bytes, aligned to ${layout.align}) cannot lie at byte ${offset} of a memory of ${memory.byteLength} bytes.`)
  }
  const bound = make(memory, refuse, misplaced, hasUnknownKey, f16Bits, bf16Bits, f16Value, bf16Value)
  return bound
}

/** For anything but a plain object with as many keys as there are fields: fields may also be accessors of a class, which are no keys. */
function hasUnknownKey(value: object, names: readonly string[]): boolean {
  for (const key in value) if (!names.includes(key)) return true
  return false
}

/** The body of the generated factory; it ends by returning `{ write, read }`. */
function structText(layout: StructLayout): string {
  const functions = new Map<StructLayout, number>()
  const texts: string[] = []
  const numberOf = (struct: StructLayout): number => {
    const known = functions.get(struct)
    if (known !== undefined) return known
    const number = functions.size
    functions.set(struct, number)
    texts.push(writerText(struct, number, numberOf), readerText(struct, number, numberOf))
    return number
  }
  const root = numberOf(layout)
  const guard = `if ((offset & ${layout.align - 1}) !== 0 || !(offset >= 0 && offset <= last)) misplaced(offset)`
  return `'use strict'
${viewDeclarations}
const plain = Object.prototype
const last = memory.byteLength - ${layout.bytes}
${texts.join('\n')}
return {
  write(offset, value) { ${guard}; if (!write${root}(offset, value)) refuse(value) },
  read(offset) { ${guard}; return read${root}(offset) },
}`
}

type NumberOf = (struct: StructLayout) => number

function writerText(struct: StructLayout, number: number, numberOf: NumberOf): string {
  const names = JSON.stringify(struct.fields.map((field) => field.name))
  const lines = struct.fields.map((field, i) => `
  const v${i} = value[${JSON.stringify(field.name)}]
  ${storeText(field.layout, `v${i}`, `offset + ${field.offset}`, 0, numberOf)}`)
  // `__proto__`, as V8 inlines it and not Object.getPrototypeOf (5 ns a struct, Node 20); where it is a field, the slow check answers.
  return `const names${number} = ${names}
function write${number}(offset, value) {
  if (typeof value !== 'object' || value === null) return false${lines.join('')}
  let keys = 0
  for (const key in value) keys++
  return (keys === ${struct.fields.length} && value.__proto__ === plain) || !unknownKey(value, names${number})
}`
}

function storeText(layout: Layout, value: string, offset: string, depth: number, numberOf: NumberOf): string {
  if (layout.kind === 'struct') return `if (!write${numberOf(layout)}(${offset}, ${value})) return false`
  if (layout.kind === 'scalar') return `${typeGuard(layout.dtype, value)}; ${elementAt(layout.dtype, offset)} = ${accessOf[layout.dtype].store(value)}`
  const [i, d, e] = [`i${depth}`, `d${depth}`, `e${depth}`]
  const guard = `if (typeof ${value} !== 'object' || ${value} === null || ${value}.length !== ${layout.length}) return false`
  const loop = `for (let ${i} = 0; ${i} < ${layout.length}; ${i}++)`
  if (layout.element.kind === 'scalar') {
    const { dtype } = layout.element
    const { view, shift, store } = accessOf[dtype]
    const typed = dtype === 'bool' ? `if (typeof ${e} !== 'boolean' && typeof ${e} !== 'number') return false` : typeGuard(dtype, e)
    const each = `{ const ${d} = ${indexOf(shift, offset)}; ${loop} { const ${e} = ${value}[${i}]; ${typed}; m${view}[${d} + ${i}] = ${store(e)} } }`
    // The engine's copy wins from about this length on (measured on Node 20: 32 elements equal, 64 twice as fast).
    if (!isPlain(dtype) || layout.length < 48) return `${guard}; ${each}`
    return `${guard}; if (${value} instanceof ${view}) m${view}.set(${value}, ${indexOf(shift, offset)}); else ${each}`
  }
  return `${guard}; ${loop} { const ${e} = ${value}[${i}]; const ${d} = ${offset} + ${i} * ${layout.element.bytes}; ${storeText(layout.element, e, d, depth + 1, numberOf)} }`
}

function typeGuard(dtype: string, value: string): string {
  const type = dtype === 'bool' ? 'boolean' : dtype === 'i64' || dtype === 'u64' ? 'bigint' : 'number'
  return `if (typeof ${value} !== '${type}') return false`
}

function readerText(struct: StructLayout, number: number, numberOf: NumberOf): string {
  const before: string[] = []
  const properties = struct.fields.map((field, i) => {
    before.push(...loadText(field.layout, `v${i}`, `offset + ${field.offset}`, 0, numberOf))
    // `__proto__: v` in a literal would set the prototype; a computed name makes a field of it.
    return `${field.name === '__proto__' ? '["__proto__"]' : JSON.stringify(field.name)}: v${i}`
  })
  return `function read${number}(offset) {
  ${before.join('\n  ')}
  return { ${properties.join(', ')} }
}`
}

function loadText(layout: Layout, target: string, offset: string, depth: number, numberOf: NumberOf): string[] {
  if (layout.kind === 'struct') return [`const ${target} = read${numberOf(layout)}(${offset})`]
  if (layout.kind === 'scalar') return [`const ${target} = ${accessOf[layout.dtype].load(elementAt(layout.dtype, offset))}`]
  const [i, d, e] = [`i${depth}`, `d${depth}`, `e${depth}`]
  const loop = `for (let ${i} = 0; ${i} < ${layout.length}; ${i}++)`
  if (layout.element.kind === 'scalar') {
    const { dtype } = layout.element
    const { view, shift, array, load } = accessOf[dtype]
    const index = indexOf(shift, offset)
    if (isPlain(dtype) && layout.length >= 48) return [`const ${target} = m${view}.slice(${index}, (${index}) + ${layout.length})`]
    const copied = dtype === 'bool' ? `m${view}[${d} + ${i}]` : load(`m${view}[${d} + ${i}]`)
    return [`const ${target} = new ${array}(${layout.length})`, `{ const ${d} = ${index}; ${loop} ${target}[${i}] = ${copied} }`]
  }
  const inner = loadText(layout.element, e, d, depth + 1, numberOf).join('; ')
  return [`const ${target} = []`, `${loop} { const ${d} = ${offset} + ${i} * ${layout.element.bytes}; ${inner}; ${target}.push(${e}) }`]
}
