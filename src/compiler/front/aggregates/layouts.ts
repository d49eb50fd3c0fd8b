// Layouts that no schema states: of object and array literals, of captured data, and of a message as JavaScript holds it. Sizes only, no code.
import type { Dtype, Layout, StructLayout } from '../../../schema/index.js'
import type { Value } from '../value.js'
import { fittingRepr } from '../coerce.js'

export type ArrayLayout = Extract<Layout, { kind: 'array' }>

const bytesOf: Readonly<Record<Dtype, number>> = { i8: 1, u8: 1, i16: 2, u16: 2, i32: 4, u32: 4, i64: 8, u64: 8, f16: 2, bf16: 2, f32: 4, f64: 8, bool: 1 }

export function scalarLayout(dtype: Dtype): Layout { return { kind: 'scalar', dtype, bytes: bytesOf[dtype], align: bytesOf[dtype] } }

export function arrayLayout(element: Layout, length: number): ArrayLayout {
  return { kind: 'array', element, length, bytes: element.bytes * length, align: element.align }
}

/** Fields in order, each at the next multiple of its alignment, as C lays them out. */
export function structLayout(name: string, fields: readonly (readonly [string, Layout])[]): StructLayout {
  let end = 0
  let align = 1
  const placed = fields.map(([field, layout]) => {
    const offset = Math.ceil(end / layout.align) * layout.align
    end = offset + layout.bytes
    align = Math.max(align, layout.align)
    return { name: field, offset, layout }
  })
  return { kind: 'struct', name, fields: placed, bytes: Math.ceil(end / align) * align, align }
}

/** How JavaScript holds a received message: any number in a field, and TypedArrays that are no narrower than the schema's. */
export function wideLayout(layout: Layout): Layout {
  if (layout.kind === 'scalar') return layout.dtype === 'bool' || layout.dtype === 'i64' || layout.dtype === 'u64' ? layout : scalarLayout('f64')
  if (layout.kind === 'struct') return structLayout(`${layout.name}Wide`, layout.fields.map((field) => [field.name, wideLayout(field.layout)]))
  const { element, length } = layout
  if (element.kind !== 'scalar') return arrayLayout(wideLayout(element), length)
  const { dtype } = element
  return arrayLayout(dtype === 'f16' || dtype === 'bf16' ? scalarLayout('f32') : dtype === 'bool' ? scalarLayout('u8') : element, length)
}

/** Whether writing a scalar there keeps what JavaScript would keep: not in fields of messages, and not in arrays that JavaScript holds wider. */
export function keepsNumbers(layout: Layout, isElement: boolean): boolean {
  if (layout.kind !== 'scalar') return true
  const { dtype } = layout
  return isElement ? dtype !== 'f16' && dtype !== 'bf16' && dtype !== 'bool' : dtype === 'f64' || dtype === 'bool' || dtype === 'i64' || dtype === 'u64'
}

/** Memory that holds a value as it is; undefined for what has no place in memory. */
export function layoutOfValue(value: Value): Layout | undefined {
  switch (value.kind) {
    case 'number': return scalarLayout('f64')
    case 'boolean': return scalarLayout('bool')
    case 'bigint': return value.wide ? undefined : scalarLayout(value.expr.repr === 'u64' ? 'u64' : 'i64')
    case 'bigint-constant': { const repr = fittingRepr(value.value); return repr && scalarLayout(repr) }
    case 'aggregate': {
      const { layout } = value.place
      return value.window && layout.kind === 'array' ? arrayLayout(layout.element, value.window.length) : layout
    }
    case 'record': {
      const fields = [...value.fields].map(([name, field]) => [name, layoutOfValue(field)] as const)
      return fields.every((field): field is readonly [string, Layout] => field[1] !== undefined) && fields.length > 0 ? structLayout('Literal', fields) : undefined
    }
    case 'list': {
      const layouts = value.items.map(layoutOfValue)
      const [first] = layouts
      return first && layouts.every((layout) => layout !== undefined && alike(layout, first)) ? arrayLayout(first, value.items.length) : undefined
    }
    default: return undefined
  }
}

export function alike(a: Layout, b: Layout): boolean {
  if (a === b) return true
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.dtype === b.dtype
  if (a.kind === 'array') return b.kind === 'array' && a.length === b.length && alike(a.element, b.element)
  return b.kind === 'struct' && a.bytes === b.bytes && a.fields.length === b.fields.length && a.fields.every((field, i) => {
    const other = b.fields[i]
    return other !== undefined && other.name === field.name && other.offset === field.offset && alike(field.layout, other.layout)
  })
}
