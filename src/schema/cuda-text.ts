// A struct as CUDA C++ text: plain C that g++, nvcc and NVRTC read alike, with every offset asserted, so that no compiler lays it out otherwise.

import { MessageError } from './error.js'
import { layoutOf } from './layout.js'
import type { Layout, StructLayout } from './layout.js'
import type { Dtype } from './scalars.js'
import type { Fields, Struct } from './types.js'

/** No `#include`, so no uint32_t; these have the same sizes on every platform CUDA runs on. Halves are carried as their bits. */
const cudaTypes: Readonly<Record<Dtype, string>> = {
  i8: 'signed char', u8: 'unsigned char', i16: 'short', u16: 'unsigned short', i32: 'int', u32: 'unsigned int', i64: 'long long', u64: 'unsigned long long',
  f16: 'unsigned short', bf16: 'unsigned short', f32: 'float', f64: 'double', bool: 'unsigned char',
}

/** Words of C++ and CUDA that cannot name a field there (C++20, [lex.key] and [lex.digraph]). */
const reserved = new Set(`alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class compl concept const
  consteval constexpr constinit const_cast continue co_await co_return co_yield decltype default delete do double dynamic_cast else enum explicit export extern
  false float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register
  reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef typeid
  typename union unsigned using virtual void volatile wchar_t while xor xor_eq`.split(/\s+/))

/**
 * Definitions of `schema` and of every struct inside it, inner ones first, each followed by assertions of its size and offsets. Names that C++
 * reserves get a `_` at their end.
 *
 * @throws MessageError when two different structs inside share one name.
 */
export function cudaStruct(schema: Struct<Fields>): string {
  const done = new Map<string, { layout: StructLayout; text: string }>()
  define(layoutOf(schema), done, ownName)
  return [...done.values()].map((entry) => entry.text).join('\n')
}

/** The name of a struct, a field or a variable in CUDA C++. */
export function cudaName(name: string): string {
  // `float_` beside `float` stays apart: names of that form get one `_` more, too.
  return reserved.has(name.replace(/_+$/, '')) ? `${name}_` : name
}

/** What a struct is called in the text. */
export type StructNames = (layout: StructLayout) => string

const ownName: StructNames = (layout) => cudaName(layout.name)

/**
 * The same for layouts: the compiler's programs have no schemas any more. `nameOf` tells structs apart that JavaScript may give one name.
 *
 * @throws MessageError when it gives one name to two different structs.
 */
export function cudaStructs(layouts: readonly Layout[], nameOf: StructNames = ownName): string {
  const done = new Map<string, { layout: StructLayout; text: string }>()
  for (const layout of layouts) {
    let inner = layout
    while (inner.kind === 'array') inner = inner.element
    if (inner.kind === 'struct') define(inner, done, nameOf)
  }
  return [...done.values()].map((entry) => entry.text).join('\n')
}

function define(layout: StructLayout, done: Map<string, { layout: StructLayout; text: string }>, nameOf: StructNames): void {
  for (const field of layout.fields) {
    let inner = field.layout
    while (inner.kind === 'array') inner = inner.element
    if (inner.kind === 'struct') define(inner, done, nameOf)
  }
  const name = nameOf(layout)
  const text = structText(name, layout, nameOf)
  const other = done.get(name)
  if (other && other.text !== text) throw new MessageError(`Two different structs are named ${layout.name}; give one of them another name.`, { schema: layout.name })
  done.set(name, { layout, text })
}

function structText(name: string, layout: StructLayout, nameOf: StructNames): string {
  // C++ gives a struct without fields a byte; nothing is ever read from it.
  if (layout.fields.length === 0) return `struct ${name} {};\n`
  const fields = layout.fields.map((field) => `  ${declaration(field.layout, cudaName(field.name), nameOf)};`)
  const offsets = layout.fields.map((field) => `static_assert(__builtin_offsetof(${name}, ${cudaName(field.name)}) == ${field.offset}, "${layout.name}.${field.name}");`)
  return [`struct ${name} {`, ...fields, '};', `static_assert(sizeof(${name}) == ${layout.bytes} && alignof(${name}) == ${layout.align}, "${layout.name}");`, ...offsets, ''].join('\n')
}

/** How C declares `name` to hold a value of this layout. */
export function declaration(layout: Layout, name: string, nameOf: StructNames = ownName): string {
  if (layout.kind === 'array') return declaration(layout.element, `${name}[${layout.length}]`, nameOf)
  return `${layout.kind === 'struct' ? nameOf(layout) : cudaTypes[layout.dtype]} ${name}`
}
