// Which locals and messages are still needed at each suspension point: a backward walk over the structured tree, with fixpoints at loops.
import type { Expr, Parallel, Place, Program, Statement } from '../ir.js'
import { expressionsIn, expressionsOf, indicesOf } from './walk.js'

/** What is needed after or before a place in the program: bits of locals, then bits of message variables. */
type Live = bigint

export interface Liveness {
  /** Needed when the body goes on from a suspension point. */
  readonly acrossPoints: ReadonlySet<number>
  /** Message variables needed after a later message was taken. */
  readonly messagesAcrossReceives: ReadonlySet<number>
  /** Needed before the body began: read before they are set on some way through it. */
  readonly atEntry: ReadonlySet<number>
}

/** The liveness of the body's locals and messages. */
export function livenessOf(program: Program): Liveness {
  return new Walk(program).result()
}

interface Targets { readonly breaks: ReadonlyMap<number, Live>; readonly continues: ReadonlyMap<number, Live> }

class Walk {
  private atPoints: Live = 0n
  private atReceives: Live = 0n
  private readonly parallels: readonly Live[]

  constructor(private readonly program: Program) {
    this.parallels = program.parallels.map((parallel) => this.beforeParallel(parallel))
  }

  result(): Liveness {
    const { locals, messages } = this.program
    const entry = this.before(this.program.body, 0n, { breaks: new Map(), continues: new Map() })
    const localsOf = (live: Live): Set<number> => new Set(locals.flatMap((_, i) => (live & this.local(i) ? [i] : [])))
    return {
      acrossPoints: localsOf(this.atPoints), atEntry: localsOf(entry),
      messagesAcrossReceives: new Set(messages.flatMap((_, i) => (this.atReceives & this.message(i) ? [i] : []))),
    }
  }

  /** What a parallel body reads of the code around it: its own variables are set anew for each index, and nobody needs them before or after. */
  private beforeParallel({ index, body, value, combine }: Parallel): Live {
    const targets: Targets = { breaks: new Map(), continues: new Map() }
    const each = this.before(body, value ? this.usesOf(value) : 0n, targets) & ~this.local(index)
    return combine ? each | (this.before(combine.body, this.usesOf(combine.value), targets) & ~this.local(combine.left) & ~this.local(combine.right)) : each
  }

  private before(list: readonly Statement[], after: Live, targets: Targets): Live {
    return list.reduceRight((live, s) => this.beforeOne(s, live, targets), after)
  }

  private beforeOne(s: Statement, after: Live, targets: Targets): Live {
    switch (s.kind) {
      case 'set': return (after & ~this.local(s.local)) | this.readBy(s)
      case 'if': return this.before(s.then, after, targets) | this.before(s.otherwise, after, targets) | this.readBy(s)
      case 'loop': return this.beforeLoop(s, after, targets)
      case 'block': return this.before(s.body, after, { ...targets, breaks: new Map([...targets.breaks, [s.label, after]]) })
      case 'break': return targets.breaks.get(s.label) ?? 0n
      case 'continue': return targets.continues.get(s.label) ?? 0n
      case 'fault': return 0n
      case 'receive': case 'tryReceive': return this.beforeReceive(s, after)
      case 'reserve':
        this.atPoints |= after
        return after
      case 'emit': return this.before(s.stores, after, targets) | this.readBy(s)
      case 'each': return after | this.readBy(s)
      case 'reduce': return (after & ~this.local(s.target)) | this.readBy(s)
      case 'atomic': return (s.old === undefined ? after : after & ~this.local(s.old)) | this.readBy(s)
      case 'store': case 'copy': case 'clear': case 'guard': case 'log': return after | this.readBy(s)
    }
  }

  private beforeReceive(s: Extract<Statement, { kind: 'receive' | 'tryReceive' }>, after: Live): Live {
    const needed = (s.kind === 'tryReceive' ? after & ~this.local(s.present) : after) & ~this.message(s.message)
    this.atPoints |= needed
    this.atReceives |= needed
    return needed
  }

  /** Grows from what is needed after the loop until a round adds nothing: each round adds a bit, so rounds are bounded by the bits. */
  private beforeLoop(s: Extract<Statement, { kind: 'loop' }>, after: Live, targets: Targets): Live {
    const condition = this.readBy(s)
    let atBody = 0n
    for (;;) {
      const atTest = condition | after | atBody
      const atUpdate = this.before(s.update, atTest, targets)
      const next = this.before(s.body, atUpdate, { breaks: new Map([...targets.breaks, [s.label, after]]), continues: new Map([...targets.continues, [s.label, atUpdate]]) })
      if (next === atBody) return s.test === 'before' ? atTest : atBody
      atBody = next
    }
  }

  /** What a statement itself reads, nested statements left out. A partial write keeps the rest of its message needed. */
  private readBy(s: Statement): Live {
    let live = expressionsOf(s).reduce((sum, e) => sum | this.usesOf(e), 0n)
    if (s.kind === 'copy') live |= this.placeUses(s.from) | this.placeUses(s.to)
    if (s.kind === 'each' || s.kind === 'reduce') live |= this.parallels[s.parallel] ?? 0n
    return live
  }

  private usesOf(e: Expr): Live {
    let live = 0n
    for (const part of expressionsIn(e)) {
      if (part.op === 'local') live |= this.local(part.local)
      if (part.op === 'load') live |= this.placeUses(part.place)
    }
    return live
  }

  private placeUses(place: Place): Live {
    const base = place.base.kind === 'message' ? this.message(place.base.message) : 0n
    return indicesOf(place).reduce((live, index) => live | this.usesOf(index), base)
  }

  private local(index: number): Live { return 1n << BigInt(index) }
  private message(index: number): Live { return 1n << BigInt(this.program.locals.length + index) }
}
