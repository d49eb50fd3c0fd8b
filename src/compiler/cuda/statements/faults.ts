// Guards and faults: what each kind of function does when something is wrong.
import type { Statement } from '../../ir.js'
import type { Context } from '../context.js'
import { conversion } from '../conversions.js'
import { expression, operand } from '../expressions.js'

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>

export function guard(s: Of<'guard'>, context: Context): void {
  const value = s.value === undefined ? '0.0' : conversion(s.value.repr, 'f64', expression(s.value, context), context)
  context.writer.line(`if (!${operand(s.condition, context)}) ${failing(s.site, value, context)}`)
}

export function fault(s: Of<'fault'>, context: Context): void { context.writer.line(failing(s.site, '0.0', context)) }

function failing(site: number, value: string, context: Context): string {
  switch (context.role) {
    case 'leader': return `{ rl_fault(${site}, ${value}); goto failed; }`
    case 'each': return `{ rl_note_fault(fault, ${site}, ${value}); return; }`
    case 'reduce': return `{ rl_note_fault(fault, ${site}, ${value}); return 0; }`
    case 'message': return `{ m.faultSite = ${site} + 1; m.faultValue = ${value}; return; }`
    case 'one-shot': return `{ rl_first_fault(a.fault, ${context.index}, ${site}, ${value}); return; }`
  }
}
