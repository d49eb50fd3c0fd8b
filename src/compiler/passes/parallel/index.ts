// What a parallel body may do: every round writes memory of its own, reads nothing that another writes, sets no variable from around it, and neither
// waits, sends nor logs. Then the order of rounds cannot be seen. Reports what breaks this.
import { report, type Finding } from '../../diagnostics/report.js'
import type { Parallel, Program, Statement, Where } from '../../ir.js'
import { ownLocals } from '../frame.js'
import { flowOf, type Flow } from '../ranges/flow.js'
import { expressionsIn, expressionsOf, looseExpressionsOf, rootsOf, statementsIn } from '../walk.js'
import { accessesOf, type Access } from './accesses.js'
import { messagesForm } from './messages-form.js'

type Tell = (finding: Finding) => void

/** Checks every parallel body of a program whose statements stand at one place each, and a handler that runs many messages at once. */
export function parallelRules(program: Program, tell: Tell): void {
  if (program.form === 'messages') messagesForm(program, tell)
  if (program.parallels.length === 0) return
  const flow = flowOf(program)
  for (const [number, parallel] of program.parallels.entries()) {
    const start = [...program.body].flatMap((s) => [...statementsIn([s])]).find((s) => (s.kind === 'each' || s.kind === 'reduce') && s.parallel === number)
    new Rules(program, parallel, flow, start?.at ?? { file: 0, line: 1, column: 1, length: 1 }, tell).check(number)
  }
}

class Rules {
  private readonly call: string
  private readonly read: ReadonlySet<number>

  constructor(private readonly program: Program, private readonly parallel: Parallel, private readonly flow: Flow, private readonly start: Where, private readonly tell: Tell) {
    this.call = program.form === 'one-shot' ? 'a kernel' : `ctx.${parallel.kind}`
    this.read = new Set(readLocals(program))
  }

  check(number: number): void {
    const inside = [this.parallel.body, this.parallel.combine?.body ?? []].flatMap((list) => [...statementsIn(list)])
    for (const s of inside) this.statement(s)
    this.outerLocals(inside, number)
    const { reads, writes } = accessesOf(this.parallel, this.program, this.flow)
    for (const [i, write] of writes.entries()) this.write(write, writes.slice(i), reads)
  }

  private statement(s: Statement): void {
    const what = { receive: 'receive', tryReceive: 'tryReceive', reserve: 'send', emit: 'send', each: 'ctx.each', reduce: 'ctx.reduce', log: 'console.log' }[s.kind as string]
    if (what !== undefined && s.kind !== 'reserve') this.tell(report('RL1511', s.at ?? this.start, { what, call: this.call }))
  }

  /** A variable that the body sets and the code around it knows. */
  private outerLocals(inside: readonly Statement[], number: number): void {
    const outside = usedOutside(this.program, number)
    for (const local of ownLocals(this.parallel)) {
      if (!outside.has(local)) continue
      const set = inside.find((s) => s.kind === 'set' && s.local === local)
      this.tell(report('RL1510', set?.at ?? this.start, { name: this.program.locals[local]?.name ?? 'a variable', call: this.call }))
    }
  }

  private write(write: Access, writes: readonly Access[], reads: readonly Access[]): void {
    const where = write.at ?? this.start
    const facts = { what: write.text, call: this.call }
    const { atomic } = write
    if (atomic && ((atomic.old !== undefined && this.read.has(atomic.old)) || atomic.name === 'exchange' || atomic.name === 'compareExchange')) {
      this.tell(report('RL1514', where, facts))
      return
    }
    for (const other of writes) {
      if (other.base !== write.base || (atomic && other.atomic && orderFree(atomic.name) === orderFree(other.atomic.name)) || !this.mayMeet(write, other)) continue
      this.tell(report('RL1512', where, facts))
      return
    }
    const read = reads.find((each) => each.base === write.base && this.mayMeet(write, each))
    if (read) this.tell(report('RL1513', read.at ?? where, { what: read.text, call: this.call }))
  }

  /** Whether two rounds may touch one byte, one by each access. */
  private mayMeet(a: Access, b: Access): boolean {
    if (a.span[1] <= b.span[0] || b.span[1] <= a.span[0]) return false
    const { scale } = a.bytes
    if (scale !== b.bytes.scale || a.bytes.uniform.join() !== b.bytes.uniform.join()) return true
    const [low, high] = [b.bytes.min - a.bytes.max, b.bytes.max - a.bytes.min]
    if (scale === 0) return low < 0 && high > 0
    // Is there a multiple of the scale, but 0, strictly between the two?
    const step = Math.abs(scale)
    return step < high || -step > low
  }
}

/** Operations of which any order gives one result, by a name that those share. */
function orderFree(name: string): string { return name === 'sub' ? 'add' : name }

/** Locals that any expression reads. */
function readLocals(program: Program): number[] {
  const statements = [...rootsOf(program)].flatMap((root) => [...statementsIn(root)])
  const expressions = [...statements.flatMap(expressionsOf), ...program.parallels.flatMap(looseExpressionsOf)]
  return expressions.flatMap((e) => [...expressionsIn(e)].flatMap((part) => (part.op === 'local' ? [part.local] : [])))
}

/** Locals that statements outside of this parallel body read or set. */
function usedOutside(program: Program, number: number): Set<number> {
  const used = new Set<number>()
  const others = program.parallels.filter((_, i) => i !== number)
  const lists = [program.body, ...others.flatMap((parallel) => [parallel.body, parallel.combine?.body ?? []])]
  const see = (expressions: readonly Parameters<typeof expressionsIn>[0][]): void => {
    for (const e of expressions) for (const part of expressionsIn(e)) if (part.op === 'local') used.add(part.local)
  }
  for (const s of lists.flatMap((list) => [...statementsIn(list)])) {
    see(expressionsOf(s))
    if (s.kind === 'set') used.add(s.local)
    if (s.kind === 'reduce') used.add(s.target)
    if (s.kind === 'atomic' && s.old !== undefined) used.add(s.old)
    if (s.kind === 'tryReceive') used.add(s.present)
  }
  for (const parallel of others) {
    see(looseExpressionsOf(parallel))
    for (const local of ownLocals(parallel)) used.add(local)
  }
  return used
}
