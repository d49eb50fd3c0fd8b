// A struct's bytes as a table: where each field lies, as C lays it out.
import { isStruct, layoutOf, type FieldLayout, type Layout } from '../../schema/index.js'
import type { Figure } from '../figure.js'
import { counted, formatNumber } from '../text.js'

/** The layout of a struct schema; undefined for any other value. */
export function schemaLayout(value: unknown): Figure | undefined {
  if (!isStruct(value)) return undefined
  const layout = layoutOf(value)
  const rows = rowsOf(layout.fields, '', 0)
  const used = layout.fields.reduce((sum, field) => sum + field.layout.bytes, 0)
  return {
    title: `struct ${layout.name}: ${counted(layout.bytes, 'byte')}, aligned to ${layout.align}`,
    table: { columns: [{ label: 'offset', align: 'right' }, { label: 'bytes', align: 'right' }, { label: 'field', align: 'left' }, { label: 'type', align: 'left' }], rows },
    notes: used < layout.bytes ? [`${counted(layout.bytes - used, 'byte')} of padding between and after the fields.`] : [] }
}

function rowsOf(fields: readonly FieldLayout[], path: string, base: number): string[][] {
  return fields.flatMap((field) => {
    const name = path === '' ? field.name : `${path}.${field.name}`
    const offset = base + field.offset
    const row = [formatNumber(offset), formatNumber(field.layout.bytes), name, typeText(field.layout)]
    return field.layout.kind === 'struct' ? [row, ...rowsOf(field.layout.fields, name, offset)] : [row]
  })
}

function typeText(layout: Layout): string {
  if (layout.kind === 'scalar') return layout.dtype
  if (layout.kind === 'struct') return `struct ${layout.name}`
  return `array(${typeText(layout.element)}, ${layout.length})`
}
