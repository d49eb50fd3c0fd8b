// What may stand left of `=`: a variable, a field, an element; read and written through one reference, whose object and index are evaluated once.
import type typescript from 'typescript'
import { keepsNumbers } from '../aggregates/layouts.js'
import { fieldPlace, guardedElement, isArray, valueAt } from '../aggregates/places.js'
import { storeOver } from '../aggregates/store.js'
import { bigint, booleanValue, demand, numberValue, toNumber, wrapped } from '../coerce.js'
import { baseKey } from '../effects.js'
import { no, yes } from '../expr.js'
import type { Place } from '../../ir.js'
import type { Lowering } from '../lowering.js'
import type { Binding } from '../scope.js'
import { frozen } from '../settle.js'
import { ts } from '../typescript.js'
import { isScalar, poison, wordsOf, type RecordValue, type Value } from '../value.js'
import { assignCell, setScalar } from './cells.js'
import { layoutOfValue } from '../aggregates/layouts.js'

type Node = typescript.Node

export interface Reference {
  read(): Value
  write(value: Value): void
}

const nowhere: Reference = { read: () => poison, write: () => undefined }

/** The variable, field or element that `node` names. */
export function reference(t: Lowering, node: typescript.Expression): Reference {
  if (ts.isParenthesizedExpression(node)) return reference(t, node.expression)
  if (ts.isIdentifier(node)) return variable(t, node)
  if (ts.isPropertyAccessExpression(node)) return fieldReference(t, t.expression(node.expression), node.name.text, node)
  if (ts.isElementAccessExpression(node)) return elementReference(t, node)
  t.refuse(node, `assigning to \`${node.getText()}\``, 'Assign to a variable, a field or an element.')
  return nowhere
}

function variable(t: Lowering, node: typescript.Identifier): Reference {
  const binding = t.scope.find(node.text)
  if (!binding || binding.kind === 'ahead') { t.report('RL1015', node, { name: node.text }); return nowhere }
  return { read: () => readBinding(t, binding, node), write: (value) => { writeBinding(t, binding, value, node) } }
}

/** What a name stands for. */
export function readBinding(t: Lowering, binding: Binding, node: typescript.Identifier): Value {
  switch (binding.kind) {
    case 'ahead': return t.report('RL1015', node, { name: node.text })
    case 'value': return binding.value
    case 'cell': return binding.present === undefined ? binding.value : { kind: 'optional', present: t.builder.read(binding.present), value: binding.value, text: node.text }
    case 'scalar': {
      const read = t.builder.read(binding.local)
      const value: Value = binding.type === 'number' ? numberValue(read) : binding.type === 'boolean' ? booleanValue(read) : bigint(read)
      return binding.present === undefined ? value : { kind: 'optional', present: t.builder.read(binding.present), value, text: node.text }
    }
  }
}

function writeBinding(t: Lowering, binding: Binding, value: Value, node: typescript.Identifier): void {
  if (value.kind === 'poison' || binding.kind === 'ahead') return
  if (binding.kind === 'value') { writeFixed(t, binding, value, node); return }
  const { declaration, present } = binding
  if (value.kind === 'undefined') {
    if (present === undefined) t.facts.learn(t.facts.optional, declaration)
    else t.builder.set(present, no)
    return
  }
  if (value.kind === 'optional') {
    if (present === undefined) { t.facts.learn(t.facts.optional, declaration); return }
    const there = t.builder.temporary(value.present)
    t.builder.emit({ kind: 'if', condition: there, then: t.builder.block(() => { put(t, binding, value.value, node) }), otherwise: [] })
    t.builder.set(present, there)
    return
  }
  put(t, binding, value, node)
  if (present !== undefined) t.builder.set(present, yes)
}

function put(t: Lowering, binding: Extract<Binding, { kind: 'scalar' | 'cell' }>, value: Value, node: typescript.Identifier): void {
  if (binding.kind === 'cell') { assignCell(t, binding, value, node); return }
  const local = t.builder.read(binding.local)
  if (binding.type === 'bigint') {
    const expr = wrapped(t, value, node, local.repr as 'i64' | 'u64')
    // Its declaration was a constant of no sign: what is assigned decides.
    if (expr && expr.repr !== local.repr) {
      if (t.facts.types.has(binding.declaration)) t.report('RL1016', node, { name: node.text })
      else t.facts.learnTo(t.facts.types, binding.declaration, expr.repr as 'i64' | 'u64')
    } else if (expr) t.builder.set(binding.local, expr)
    return
  }
  setScalar(t, binding.type === 'number' ? numberValue(local) : booleanValue(local), value, node)
}

/** The first assignment to what was taken for a constant: the body is compiled again, knowing better. */
function writeFixed(t: Lowering, binding: Extract<Binding, { kind: 'value' }>, value: Value, node: typescript.Identifier): void {
  const { declaration } = binding
  if (!declaration) { t.report('RL1017', node, { name: node.text }); return }
  if (binding.constant) { t.report('RL1018', node, { name: node.text }); return }
  if (binding.value.kind === 'poison') return
  if (binding.value.kind === 'function' || value.kind === 'function') { t.refuse(node, `assigning a function to \`${node.text}\``, 'Declare functions with const, and choose between them with if.'); return }
  t.facts.learn(t.facts.assigned, declaration)
  if (binding.value.kind === 'undefined') learnKind(t, declaration, value)
}

function learnKind(t: Lowering, declaration: Node, value: Value): void {
  const { facts } = t
  const inner = value.kind === 'optional' ? value.value : value
  if (inner.kind === 'number' || inner.kind === 'boolean') facts.learnTo(facts.types, declaration, inner.kind)
  else if (inner.kind === 'bigint') facts.learnTo(facts.types, declaration, inner.expr.repr === 'i64' ? 'i64' : 'u64')
  else if (inner.kind === 'bigint-constant') facts.learnTo(facts.types, declaration, inner.value < 0n ? 'i64' : BigInt.asIntN(64, inner.value) === inner.value ? 'i64' : 'u64')
  else if (inner.kind !== 'undefined') { const layout = layoutOfValue(inner); if (layout) facts.learnTo(facts.layouts, declaration, layout) }
}

function fieldReference(t: Lowering, given: Value, name: string, node: Node): Reference {
  const object = demand(t, given, node)
  if (object.kind === 'poison') return nowhere
  if (object.kind === 'record') return recordField(t, object, name, node)
  const place = object.kind === 'aggregate' ? fieldPlace(object.place, name) : undefined
  if (place) return memory(t, place, node)
  if (object.kind === 'raw' || object.kind === 'captured' || object.kind === 'global') t.report('RL1017', node, { name: node.getText() })
  else t.refuse(node, `assigning to \`${node.getText()}\`, a member of ${wordsOf(object)},`, 'Assign to a field that its schema or its literal declares.')
  return nowhere
}

function elementReference(t: Lowering, node: typescript.ElementAccessExpression): Reference {
  const [object, index] = t.pair(node.expression, node.argumentExpression)
  if (object.kind === 'poison' || index.kind === 'poison') return nowhere
  if (index.kind === 'string') return fieldReference(t, object, index.text, node)
  const array = demand(t, object, node)
  if (isArray(array)) {
    const place = guardedElement(t, array, toNumber(t, index, node.argumentExpression), node)
    return place ? memory(t, place, node) : nowhere
  }
  if (array.kind === 'raw' || array.kind === 'captured') t.report('RL1017', node, { name: node.expression.getText() })
  else t.refuse(node, `\`[…] =\` of ${wordsOf(array)}`, 'Index an array, and name fields of objects.')
  return nowhere
}

function recordField(t: Lowering, record: RecordValue, name: string, node: Node): Reference {
  const field = record.fields.get(name)
  if (!field) { t.report('RL1032', node, { object: 'this object', field: name, fields: [...record.fields.keys()].join(', ') }); return nowhere }
  return {
    read: () => field,
    write: (value) => {
      if (record.identity !== undefined) t.written.set(`record ${record.identity}`, node)
      if (isScalar(field)) setScalar(t, field, demand(t, value, node), node)
      else if (field.kind !== 'poison' && value.kind !== 'poison') replaced(t, node)
    },
  }
}

/** A place in memory, whose indices are evaluated now. */
function memory(t: Lowering, given: Place, node: Node): Reference {
  const place = frozen(t, given)
  return {
    read: () => valueAt(place, node.getText()),
    write: (value) => {
      if (value.kind === 'poison') return
      noteWrite(t, place, node)
      const { kind } = place.base
      if (place.layout.kind !== 'scalar' && kind !== 'state' && kind !== 'buffer') { replaced(t, node); return }
      storeOver(t, place, demand(t, value, node), node)
    },
  }
}

/** JavaScript would make the field refer to another object, and others would go on seeing the old one. */
function replaced(t: Lowering, node: Node): void { t.report('RL1022', node, { target: node.getText() }) }

/** Something in memory is written: may it be, and does a message have to be held as JavaScript holds it? */
export function noteWrite(t: Lowering, place: Place, node: Node): void {
  const { base } = place
  if (base.kind === 'table') { t.report('RL1017', node, { name: node.getText() }); return }
  if (base.kind === 'arguments') { t.refuse(node, 'assigning an argument of a one-shot kernel', 'Copy it into a local variable.'); return }
  const key = baseKey(base)
  if (!t.written.has(key)) t.written.set(key, node)
  const maker = t.makers.get(key)
  if (maker && !keepsNumbers(place.layout, place.steps.at(-1)?.kind === 'element')) t.facts.learn(t.facts.widened, maker)
}
