// What is known before every statement: a forward walk over the structured tree, with fixpoints at loops.
import type { Expr, Parallel, Program, Statement } from '../../ir.js'
import { ownLocals } from '../frame.js'
import { Known } from './known.js'
import { integers } from './range.js'

/** Knowledge by place. What is not in a map is never reached. */
export interface Flow {
  /** Before a statement; of a loop: where its condition is tested. */
  readonly before: ReadonlyMap<Statement, Known>
  /** Where a round of a loop begins. */
  readonly rounds: ReadonlyMap<Statement, Known>
  /** After the body of a `reduce`, for its value; and after the body of its fold; undefined where no round ever comes to it. */
  readonly values: ReadonlyMap<Parallel, { readonly value: Known | undefined; readonly combine: Known | undefined }>
}

/** Each statement has to stand at one place only: see `apart`. */
export function flowOf(program: Program): Flow {
  return new Walk(program).flow()
}

type Reached = Known | undefined
type Loop = Extract<Statement, { kind: 'loop' }>

/** Rounds of a fixpoint before bounds that still grow are taken far at once, and steps back down after it. */
const exactRounds = 2
const stepsBack = 2

class Walk {
  private readonly before = new Map<Statement, Known>()
  private readonly rounds = new Map<Statement, Known>()
  private readonly values = new Map<Parallel, { value: Reached; combine: Reached }>()
  private readonly heads = new Map<Loop, { readonly entry: Known; readonly head: Known }>()
  private readonly breaks = new Map<number, Reached>()
  private readonly continues = new Map<number, Reached>()

  constructor(private readonly program: Program) {}

  flow(): Flow {
    if (this.program.form === 'one-shot') for (const parallel of this.program.parallels) this.parallel(parallel, new Known(), undefined)
    else this.list(this.program.body, new Known())
    return { before: this.before, rounds: this.rounds, values: this.values }
  }

  private list(list: readonly Statement[], known: Reached): Reached {
    let here = known
    for (const s of list) {
      if (!here) return undefined
      if (s.kind !== 'loop') this.before.set(s, here)
      here = this.after(s, here)
    }
    return here
  }

  private after(s: Statement, known: Known): Reached {
    switch (s.kind) {
      case 'set': return known.with(s.local, s.value.repr === 'bool' ? undefined : known.rangeOf(s.value))
      case 'if': return either(this.list(s.then, known.where(s.condition, true)), this.list(s.otherwise, known.where(s.condition, false)))
      case 'loop': return this.loop(s, known)
      case 'block': {
        this.breaks.set(s.label, undefined)
        return either(this.list(s.body, known), this.breaks.get(s.label))
      }
      case 'break': this.breaks.set(s.label, either(this.breaks.get(s.label), known)); return undefined
      case 'continue': this.continues.set(s.label, either(this.continues.get(s.label), known)); return undefined
      case 'guard': return known.where(s.condition, true)
      case 'fault': return undefined
      case 'emit': return this.list(s.stores, known)
      case 'each': case 'reduce': {
        const parallel = this.program.parallels[s.parallel]
        const after = parallel ? this.parallel(parallel, known, s.count) : known
        return s.kind === 'reduce' ? after.with(s.target, undefined) : after
      }
      case 'atomic': return s.old === undefined ? known : known.with(s.old, undefined)
      case 'tryReceive': return known.with(s.present, undefined)
      case 'store': case 'copy': case 'clear': case 'log': case 'receive': case 'reserve': return known
    }
  }

  /** Grows what is known at the head until a round adds nothing; then tries smaller heads, each of which has to hold by itself. */
  private loop(s: Loop, entry: Known): Reached {
    const next = (head: Known): Known => {
      const back = this.round(s, head).back
      return back ? entry.join(back) : entry
    }
    // A loop in a loop is met again and again with what was known before: once its head is found, one round says all.
    const found = this.heads.get(s)
    if (found?.entry.same(entry) === true) return this.round(s, found.head).exit
    let head = entry
    for (let rounds = 0; ; rounds++) {
      const grown = next(head)
      const both = head.join(grown)
      if (both.same(head)) break
      head = rounds < exactRounds ? both : head.widen(grown)
    }
    for (let step = 0; step < stepsBack; step++) {
      const smaller = next(head)
      if (!smaller.join(next(smaller)).same(smaller)) break
      head = smaller
    }
    this.heads.set(s, { entry, head })
    return this.round(s, head).exit
  }

  /** One round from the head: what is known when it comes back there, and when the loop is left. */
  private round(s: Loop, head: Known): { back: Reached; exit: Reached } {
    this.breaks.set(s.label, undefined)
    this.continues.set(s.label, undefined)
    const start = s.test === 'before' ? head.where(s.condition, true) : head
    if (s.test === 'before') this.before.set(s, head)
    if (start) this.rounds.set(s, start)
    const atUpdate = either(this.list(s.body, start), this.continues.get(s.label))
    const atEnd = this.list(s.update, atUpdate)
    if (s.test === 'before') return { back: atEnd, exit: either(head.where(s.condition, false), this.breaks.get(s.label)) }
    if (atEnd) this.before.set(s, atEnd)
    return { back: atEnd?.where(s.condition, true), exit: either(atEnd?.where(s.condition, false), this.breaks.get(s.label)) }
  }

  /** Each index runs by itself from what was known before; nothing that it owns is known after. */
  private parallel(parallel: Parallel, known: Known, count: Expr | undefined): Known {
    const own = ownLocals(parallel)
    const outside = [...own].reduce((all, local) => all.with(local, undefined), known)
    const most = count ? known.rangeOf(count).max : 2 ** 32 - 1
    const below = count?.op === 'bufferLength' && count.buffer < 31 ? 1 << count.buffer : 0
    const after = most < 1 ? undefined : this.list(parallel.body, outside.with(parallel.index, integers(0, most - 1, (count ? known.rangeOf(count).below : 0) | below)))
    const combined = parallel.combine && most >= 1 ? this.list(parallel.combine.body, outside) : undefined
    this.values.set(parallel, { value: after, combine: combined })
    return outside
  }
}

function either(a: Reached, b: Reached): Reached {
  return a && b ? a.join(b) : a ?? b
}
