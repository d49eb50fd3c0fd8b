// Bodies that many threads run: those of each and reduce, one message of a batch, one i of a one-shot kernel.
import type { Parallel } from '../ir.js'
import { cudaReprs, at, Context } from './context.js'
import { expression } from './expressions.js'
import { statements } from './statements/index.js'
import { burnsFuel, declareBlock, declareLocals, declareMessages, declarePointers, localsIn, usesOf, type Uses } from './variables.js'

/** The bodies of each and reduce, and the function through which all threads run one. */
export function writeParallels(base: Context): void {
  const { program, writer } = base
  program.parallels.forEach((parallel, k) => {
    writeUse(parallel, k, base)
    if (parallel.kind === 'each') writeEach(parallel, k, base)
    else writeReduce(parallel, k, base)
  })
  if (program.parallels.length === 0) return
  writer.line('/** What every thread of the block runs when the leader says so. */')
  writer.block('RL_OWN void parallel(u32 op)', () => {
    writer.block('switch (op)', () => {
      program.parallels.forEach((parallel, k) => {
        const run = parallel.kind === 'each' ? `rl_each<RlUse_${k}, each_${k}>` : `rl_reduce<RlUse_${k}, value_${k}, combine_${k}>`
        writer.line(`case RL_FIRST + ${k}: ${run}(); break;`)
      })
      writer.line('default: rl_operation(op);')
    })
  })
  writer.line('')
}

function writeUse(parallel: Parallel, k: number, base: Context): void {
  const fields = parallel.captures.map((local) => `${cudaReprs[at(base.program.locals, local).repr]} ${at(base.names.locals, local)};`)
  base.writer.line(fields.length === 0 ? `struct RlUse_${k} {};` : `struct RlUse_${k} { ${fields.join(' ')} };`)
}

function writeEach(parallel: Parallel, k: number, base: Context): void {
  const context = new Context(base.program, base.writer, 'each', base, parallel.captures)
  const uses = usesOf([parallel.body])
  const index = at(context.names.locals, parallel.index)
  context.writer.block(`RL_FN void each_${k}(const RlUse_${k}& use, u32 ${index}, RlFault& fault)`, () => {
    prologue(uses, parallel, new Set([parallel.index]), context)
    statements(parallel.body, context)
    context.writer.from(undefined)
  })
  context.writer.line('')
}

function writeReduce(parallel: Parallel, k: number, base: Context): void {
  const { value, combine } = parallel
  if (!value || !combine) throw new TypeError(`reduce ${k} of ${base.program.name} has no value or no fold`)
  const context = new Context(base.program, base.writer, 'reduce', base, parallel.captures)
  const { writer } = context
  writer.block(`RL_FN f64 value_${k}(const RlUse_${k}& use, u32 ${at(context.names.locals, parallel.index)}, RlFault& fault)`, () => {
    prologue(usesOf([parallel.body], [value]), parallel, new Set([parallel.index]), context)
    statements(parallel.body, context)
    writer.line(`return ${expression(value, context)};`)
    writer.from(undefined)
  })
  const [left, right] = [at(context.names.locals, combine.left), at(context.names.locals, combine.right)]
  writer.block(`RL_FN f64 combine_${k}(const RlUse_${k}& use, f64 ${left}, f64 ${right}, RlFault& fault)`, () => {
    prologue(usesOf([combine.body], [combine.value]), parallel, new Set([combine.left, combine.right]), context)
    statements(combine.body, context)
    writer.line(`return ${expression(combine.value, context)};`)
    writer.from(undefined)
  })
  writer.line('')
}

function prologue(uses: Uses, parallel: Parallel, parameters: ReadonlySet<number>, context: Context): void {
  declareBlock(context)
  declarePointers(uses, context)
  declareMessages(uses, context, `(const ${context.inputType}*)(s.hand + RL_ENVELOPE)`)
  declareLocals([...localsIn(uses)].filter((i) => !parameters.has(i) && !parallel.captures.includes(i)).sort((a, b) => a - b), context)
  if (burnsFuel(uses)) context.writer.line('u32 fuel = RL_FUEL;')
}

/** One message of `parallel: 'messages'`. */
export function writeMessageBody(base: Context): void {
  const context = new Context(base.program, base.writer, 'message', base)
  const { program, writer } = context
  const uses = usesOf([program.body])
  writer.block('RL_FN void on_message(RlMessage& m)', () => {
    declareBlock(context)
    declarePointers(uses, context)
    declareMessages(uses, context, '0')
    declareLocals([...localsIn(uses)].sort((a, b) => a - b), context)
    if (burnsFuel(uses)) writer.line('u32 fuel = RL_FUEL;')
    statements(program.body, context)
    writer.from(undefined)
  })
  writer.line('')
  writer.block('RL_OWN void parallel(u32 op)', () => { writer.line('if (op == RL_FIRST) rl_all_messages<on_message>();'); writer.line('else rl_operation(op);') })
  writer.line('')
  writer.block('RL_FN void leader()', () => {
    writer.block('while (rl_next_batch())', () => { writer.line('parallel(RL_FIRST);'); writer.line('rl_settle_batch();') })
  })
  writer.line('')
}

/** One i of a one-shot kernel. */
export function writeOneShotBody(base: Context): void {
  const context = new Context(base.program, base.writer, 'one-shot', base)
  const { program, writer } = context
  const parallel = at(program.parallels, 0)
  const uses = usesOf([parallel.body])
  writer.block(`RL_FN void body(const RlOneShot& a, u32 ${at(context.names.locals, parallel.index)})`, () => {
    declarePointers(uses, context)
    declareLocals([...localsIn(uses)].filter((i) => i !== parallel.index).sort((a, b) => a - b), context)
    if (burnsFuel(uses)) writer.line('u32 fuel = 4096;')
    statements(parallel.body, context)
    writer.from(undefined)
  })
  writer.line('')
}
