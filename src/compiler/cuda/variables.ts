// Declarations at the top of a function: pointers to what lies in memory, and the variables. All stand before the first label, since C++ lets no
// jump pass an initialisation.
import type { Expr, Place, Statement } from '../ir.js'
import { expressionsIn, expressionsOf, statementsIn, writesOf } from '../passes/walk.js'
import { at, cudaReprs, type Context } from './context.js'

/** What a function's text refers to. */
export interface Uses { readonly bases: ReadonlySet<string>; readonly expressions: readonly Expr[]; readonly statements: readonly Statement[] }

export function usesOf(lists: readonly (readonly Statement[])[], loose: readonly Expr[] = []): Uses {
  const statements = lists.flatMap((list) => [...statementsIn(list)])
  const expressions = [...statements.flatMap((s) => [...expressionsOf(s)]), ...loose].flatMap((e) => [...expressionsIn(e)])
  const bases = new Set<string>()
  const see = (place: Place): void => { bases.add(baseKey(place.base)) }
  for (const e of expressions) {
    if (e.op === 'load') see(e.place)
    if (e.op === 'bufferLength') bases.add(`buffer ${e.buffer}`)
  }
  for (const s of statements) {
    for (const place of writesOf(s)) see(place)
    if (s.kind === 'copy') see(s.from)
    if (s.kind === 'receive' || s.kind === 'tryReceive') bases.add(`message ${s.message}`)
  }
  return { bases, expressions, statements }
}

function baseKey(base: Place['base']): string {
  switch (base.kind) {
    case 'region': return `region ${base.region}`
    case 'message': return `message ${base.message}`
    case 'buffer': return `buffer ${base.buffer}`
    case 'table': return `table ${base.table}`
    default: return base.kind
  }
}

/** The block, by the name that the text calls it. */
export function declareBlock({ writer }: Context): void { writer.line('RlBlock& s = rl_block();') }

/** Pointers to the frame, the state, buffers, tables and arguments that the function uses. */
export function declarePointers(uses: Uses, context: Context): void {
  const { program, writer, names } = context
  const { bases } = uses
  const copies = program.messages.flatMap((message, i) => (bases.has(`message ${i}`) && message.region !== undefined ? [message.region] : []))
  const usesFrame = copies.length > 0 || [...bases].some((base) => base.startsWith('region '))
  if (context.role !== 'leader' && usesFrame && !context.ownsRegions) writer.line(`RlFrame* const frame = (RlFrame*)s.actor.frame;`)
  if (context.ownsRegions) {
    program.regions.forEach((region, i) => {
      if (bases.has(`region ${i}`) || copies.includes(i)) writer.line(`${context.declare(region.layout, at(names.regions, i))};`)
    })
  }
  if (bases.has('state') && program.state) writer.line(`${context.structName(program.state)}* const state = (${context.structName(program.state)}*)s.actor.state;`)
  if (bases.has('arguments') && program.arguments) writer.line(`const ${context.structName(program.arguments)}* const args = (const ${context.structName(program.arguments)}*)a.arguments;`)
  program.buffers.forEach((buffer, i) => {
    if (!bases.has(`buffer ${i}`)) return
    const name = at(names.buffers, i)
    writer.line(`${context.pointerTo(buffer.element, ` const ${name}`).replace('*  const', '* const')} = (${context.pointerTo(buffer.element, '')})${context.actor}.buffers[${i}].data;`)
    if (uses.expressions.some((e) => e.op === 'bufferLength' && e.buffer === i)) writer.line(`const u32 ${name}_length = (u32)${context.actor}.buffers[${i}].count;`)
  })
  program.tables.forEach((table, i) => {
    if (!bases.has(`table ${i}`)) return
    const element = table.layout.element
    writer.line(`const ${context.pointerTo(element, ` const ${at(names.tables, i)}`).replace('*  const', '* const')} = (const ${context.pointerTo(element, '')})(${context.actor}.constants + ${table.offset});`)
  })
}

/** Message variables that are read in place. */
export function declareMessages(uses: Uses, context: Context, initial: string): void {
  for (const i of inPlace(uses, context)) context.writer.line(`const ${context.inputType}* ${at(context.names.messages, i)} = ${initial};`)
}

export function inPlace(uses: Uses, context: Context): number[] {
  return context.program.messages.flatMap((message, i) => (message.region === undefined && uses.bases.has(`message ${i}`) ? [i] : []))
}

/** Variables, each with its first value: what the frame kept, or nothing. */
export function declareLocals(locals: readonly number[], context: Context): void {
  for (const i of locals) {
    const { repr, frame } = at(context.program.locals, i)
    const name = at(context.names.locals, i)
    const kept = context.role === 'leader' && frame !== undefined
    context.writer.line(`${cudaReprs[repr]} ${name} = ${kept ? `frame->${name}` : repr === 'bool' ? 'false' : '0'};`)
  }
}

/** Locals that the statements read or write. */
export function localsIn(uses: Uses): Set<number> {
  const found = new Set<number>()
  for (const e of uses.expressions) if (e.op === 'local') found.add(e.local)
  for (const s of uses.statements) {
    if (s.kind === 'set') found.add(s.local)
    if (s.kind === 'tryReceive') found.add(s.present)
    if (s.kind === 'reduce') found.add(s.target)
    if (s.kind === 'atomic' && s.old !== undefined) found.add(s.old)
  }
  return found
}

/** Does the function hold a loop that looks for a stop? */
export function burnsFuel(uses: Uses): boolean { return uses.statements.some((s) => s.kind === 'loop' && s.fuel) }
