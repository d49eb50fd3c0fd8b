// What validation of one program gathers: the faults, each with the way to it. No rules.
import type { Layout, StructLayout } from '../../../schema/index.js'
import type { Program, Repr } from '../../ir.js'

export interface Scope {
  readonly program: Program
  /** Payload of the output being written, inside `emit`. */
  readonly out: StructLayout | undefined
  /** Labels that may be left, and those that may be gone on with. */
  readonly breaks: ReadonlySet<number>
  readonly continues: ReadonlySet<number>
  /** Notes a fault. */
  readonly wrong: (what: string) => void
}

export const integers: readonly Repr[] = ['i32', 'u32', 'i64', 'u64']
export const numbers: readonly Repr[] = ['f64', 'f32', ...integers]

/** How a scalar of a storage type is held once loaded. */
export const loadedAs = {
  f16: 'f32', bf16: 'f32', f32: 'f32', f64: 'f64', i8: 'i32', i16: 'i32', i32: 'i32', u8: 'u32', u16: 'u32', u32: 'u32', i64: 'i64', u64: 'u64', bool: 'bool',
} as const satisfies Record<string, Repr>

export function sameLayout(a: Layout, b: Layout): boolean {
  if (a === b) return true
  if (a.bytes !== b.bytes || a.align !== b.align) return false
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.dtype === b.dtype
  if (a.kind === 'array') return b.kind === 'array' && a.length === b.length && sameLayout(a.element, b.element)
  return b.kind === 'struct' && a.fields.length === b.fields.length && a.fields.every((field, i) => {
    const other = b.fields[i]
    return other !== undefined && field.name === other.name && field.offset === other.offset && sameLayout(field.layout, other.layout)
  })
}
