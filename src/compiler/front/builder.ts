// The program under construction: its tables of locals, regions, messages, sites and labels, and the list that statements go to. No TypeScript here.
import type { Layout, StructLayout } from '../../schema/index.js'
import type { Expr, Local, MessageVariable, Parallel, Place, Port, Region, Repr, Site, Statement, Table, Where } from '../ir.js'

type Draft<T> = { -readonly [K in keyof T]: T[K] }
/** A statement before it is told where it stands. */
type Placeless = Statement extends infer S ? (S extends Statement ? Omit<S, 'at'> : never) : never

const TABLE_ALIGN = 16

export class Builder {
  readonly locals: Local[] = []
  readonly regions: Draft<Region>[] = []
  readonly messages: MessageVariable[] = []
  readonly tables: Table[] = []
  readonly parallels: Parallel[] = []
  readonly sites: Site[] = []
  readonly usedPorts = new Set<number>()
  points = 0
  /** Where statements are written now. */
  statements: Statement[] = []
  /** Where the statement being compiled stands. */
  at: Where | undefined
  private constantsText: Uint8Array[] = []
  private constantsBytes = 0
  private labels = 0
  private temporaries = 0

  constructor(readonly input: StructLayout | undefined, readonly ports: readonly Port[]) {}

  emit(statement: Placeless): void { this.statements.push({ ...statement, at: this.at }) }

  /** What `write` emits, as a list of its own. */
  block(write: () => void): Statement[] {
    const outer = this.statements
    this.statements = []
    try { write(); return this.statements } finally { this.statements = outer }
  }

  local(name: string, repr: Repr): number { return this.locals.push({ name, repr }) - 1 }
  read(local: number): Expr { return { op: 'local', repr: this.locals[local]?.repr ?? 'f64', local } }
  set(local: number, value: Expr): void { this.emit({ kind: 'set', local, value }) }

  fresh(repr: Repr): number { return this.local(`t${this.temporaries++}`, repr) }

  /** `value` in a variable that nothing else writes; what is constant stays itself. */
  temporary(value: Expr): Expr {
    if (value.op === 'constant') return value
    const local = this.fresh(value.repr)
    this.set(local, value)
    return this.read(local)
  }

  /** `value`, to be written twice: whatever costs more than reading a variable goes into one. */
  reused(value: Expr): Expr {
    const inner = value.op === 'convert' ? value.value : value
    return inner.op === 'constant' || inner.op === 'local' ? value : this.temporary(value)
  }

  region(name: string, layout: Layout): Place {
    const region = this.regions.push({ name, layout, offset: 0 }) - 1
    return { base: { kind: 'region', region }, steps: [], layout }
  }

  message(name: string): number { return this.messages.push({ name, region: undefined }) - 1 }

  table(name: string, layout: Table['layout'], bytes: Uint8Array): number {
    const offset = Math.ceil(this.constantsBytes / TABLE_ALIGN) * TABLE_ALIGN
    this.constantsText.push(new Uint8Array(offset - this.constantsBytes), bytes)
    this.constantsBytes = offset + bytes.length
    return this.tables.push({ name, layout, offset }) - 1
  }

  constants(): Uint8Array {
    const whole = new Uint8Array(this.constantsBytes)
    let at = 0
    for (const part of this.constantsText) { whole.set(part, at); at += part.length }
    return whole
  }

  site(site: Site): number { return this.sites.push(site) - 1 }
  point(): number { return ++this.points }
  label(): number { return ++this.labels }
}
