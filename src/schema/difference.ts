// Whether two schemas or elements are the same by structure, and where they first are not. Names of structs do not count; names and order of fields do.

import { describeElement, describeSchema, type FieldText, type SchemaText } from './describe.js'
import type { Element, Schema } from './types.js'

/** The first difference of two schemas, as `field 'values' is array(f32, 8) in A and array(f32, 4) in B`; undefined when there is none. */
export function schemaDifference(a: Schema, b: Schema, names: readonly [string, string]): string | undefined {
  return differenceOf(describeSchema(a), describeSchema(b), '', names)
}

/** The same for elements of buffers. */
export function elementDifference(a: Element, b: Element, names: readonly [string, string]): string | undefined {
  return differenceOf(describeElement(a), describeElement(b), '', names)
}

type Text = FieldText | SchemaText

function differenceOf(a: Text, b: Text, path: string, names: readonly [string, string]): string | undefined {
  if (a.kind === 'struct' && b.kind === 'struct') return structDifference(a.fields, b.fields, path, names)
  if (a.kind === 'array' && b.kind === 'array' && a.length === b.length && innermost(a).kind === 'struct') return differenceOf(a.element, b.element, `${path}[]`, names)
  const [one, other] = [wordsFor(a), wordsFor(b)]
  return one === other ? undefined : `${path === '' ? 'it' : `field '${path}'`} is ${one} in ${names[0]} and ${other} in ${names[1]}`
}

function structDifference(a: readonly (readonly [string, FieldText])[], b: readonly (readonly [string, FieldText])[], path: string, names: readonly [string, string]): string | undefined {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [one, other] = [a[i], b[i]]
    const inner = (name: string): string => (path === '' ? name : `${path}.${name}`)
    if (one === undefined || other === undefined) return `${names[one === undefined ? 0 : 1]} has no field '${inner((one ?? other)?.[0] ?? '')}'`
    if (one[0] !== other[0]) return `field ${i + 1} is '${inner(one[0])}' in ${names[0]} and '${inner(other[0])}' in ${names[1]}`
    const difference = differenceOf(one[1], other[1], inner(one[0]), names)
    if (difference !== undefined) return difference
  }
  return undefined
}

function innermost(text: FieldText): FieldText { return text.kind === 'array' ? innermost(text.element) : text }

function wordsFor(text: Text): string {
  switch (text.kind) {
    case 'scalar': return text.dtype
    case 'array': return `array(${wordsFor(text.element)}, ${text.length})`
    case 'struct': return `the struct { ${text.fields.map(([name, field]) => `${name}: ${wordsFor(field)}`).join(', ')} }`
    case 'message': return `message('${text.name}')`
  }
}
