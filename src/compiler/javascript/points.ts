// Suspension points as the text meets them: numbered by order of appearance, so that "is the place to go on behind this statement?" is one comparison.
import type { Statement } from '../ir.js'
import { listsOf } from '../passes/walk.js'

/** Numbers below are of this order, from 1; 0 means: at no point, just run. */
export class Points {
  readonly #numbers = new Map<Statement, number>()
  /** The last point at or inside a statement that has one. */
  readonly #lasts = new Map<Statement, number>()
  #count = 0

  constructor(body: readonly Statement[]) { this.#walk(body) }

  /** Of a statement that is a point itself. */
  number(s: Statement): number { return this.#numbers.get(s) ?? 0 }
  /** 0 when there is none. */
  last(s: Statement): number { return this.#lasts.get(s) ?? 0 }
  lastIn(list: readonly Statement[]): number { return list.reduce((last, s) => Math.max(last, this.last(s)), 0) }
  any(list: readonly Statement[]): boolean { return this.lastIn(list) > 0 }

  /** The program's own numbers of the points, in the order of theirs here. */
  get inProgram(): number[] {
    return [...this.#numbers].sort(([, a], [, b]) => a - b).map(([s]) => (s as Extract<Statement, { point: number }>).point)
  }

  #walk(list: readonly Statement[]): void {
    for (const s of list) {
      const before = this.#count
      if (s.kind === 'receive' || s.kind === 'tryReceive' || s.kind === 'reserve') this.#numbers.set(s, ++this.#count)
      for (const inner of listsOf(s)) this.#walk(inner)
      if (this.#count > before) this.#lasts.set(s, this.#count)
    }
  }
}
