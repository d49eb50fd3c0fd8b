// Places in memory as C++: the user's own way of writing them, `request->values[i]`.
import { cudaName } from '../../schema/index.js'
import type { Base, Place, Step } from '../ir.js'
import { at, type Context } from './context.js'
import { expression } from './expressions.js'

/** The place as an lvalue. */
export function place(p: Place, context: Context): string {
  const { text, isPointer } = base(p.base, context)
  const [first, ...rest] = p.steps
  if (first === undefined) return isPointer ? `*${text}` : text
  return rest.reduce((whole, step) => whole + stepped(step, false, context), text + stepped(first, isPointer, context))
}

function stepped(step: Step, isPointer: boolean, context: Context): string {
  return step.kind === 'element' ? `[${expression(step.index, context)}]` : `${isPointer ? '->' : '.'}${cudaName(step.name)}`
}

/** Buffers and tables are pointers to their elements, structs pointers to one; regions and array steps are values. */
function base(b: Base, context: Context): { text: string; isPointer: boolean } {
  const { names, program } = context
  switch (b.kind) {
    case 'region': return { text: region(b.region, context), isPointer: false }
    case 'message': {
      const { region: copy } = at(program.messages, b.message)
      return copy === undefined ? { text: at(names.messages, b.message), isPointer: true } : { text: region(copy, context), isPointer: false }
    }
    case 'state': return { text: 'state', isPointer: true }
    case 'buffer': return { text: at(names.buffers, b.buffer), isPointer: true }
    case 'table': return { text: at(names.tables, b.table), isPointer: true }
    case 'out': return { text: 'out', isPointer: true }
    case 'arguments': return { text: 'args', isPointer: true }
  }
}

export function region(index: number, context: Context): string {
  const name = at(context.names.regions, index)
  return context.ownsRegions ? name : `frame->${name}`
}
