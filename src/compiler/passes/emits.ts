// The most outputs one message of a handler leads to, at each port: room for so many is reserved before its message is taken.
import type { Finding } from '../diagnostics/report.js'
import { report } from '../diagnostics/report.js'
import type { Port, Program, Statement } from '../ir.js'
import { listsOf, statementsIn } from './walk.js'

/** What one message may lead to is staged in the ring, so it has to fit one: the largest ring (ring/ring.ts has the same bound). */
const emitsMax = 1_048_576
/** A bound beyond this is no bound that the user wrote, but the width of a number. */
const meantMax = 2 ** 30

/** Sets `emitsMax` of a handler's ports and the count of each `reserve`; reports what has no bound. */
export function emits(program: Program, tell: (finding: Finding) => void): Program {
  if (program.form !== 'handler' && program.form !== 'messages') return program
  const ports = program.ports.map((port, i): Port => {
    const most = mostOf(program.body, i)
    if (most <= emitsMax) return { ...port, emitsMax: most }
    const first = [...statementsIn(program.body)].find((s) => s.kind === 'emit' && s.port === i)
    const where = first?.at ?? { file: 0, line: 1, column: 1, length: 1 }
    const name = i === 0 ? 'ctx.send' : `ctx.ports.${port.name}`
    tell(most > meantMax ? report('RL1501', where, { port: name }) : report('RL1502', where, { port: name, count: String(most), most: String(emitsMax) }))
    return { ...port, emitsMax: undefined }
  })
  const body = program.body.map((s): Statement => (s.kind === 'reserve' ? { ...s, count: ports[s.port]?.emitsMax ?? s.count } : s))
  return { ...program, ports, body }
}

function mostOf(list: readonly Statement[], port: number): number {
  return list.reduce((sum, s) => sum + mostOfOne(s, port), 0)
}

function mostOfOne(s: Statement, port: number): number {
  if (s.kind === 'emit') return s.port === port ? 1 : 0
  if (s.kind === 'if') return Math.max(mostOf(s.then, port), mostOf(s.otherwise, port))
  const inside = mostOf(listsOf(s).flat(), port)
  // A loop without emits has none, however often it runs.
  return s.kind === 'loop' && inside > 0 ? (s.trips ?? Infinity) * inside : inside
}
