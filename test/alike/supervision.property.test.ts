// The supervisor's machine against a model of its own: random policies and histories, and a host that does what it is told.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { noSupervision, supervise, type Decision, type SupervisionEvent, type SupervisionPolicy } from '#ringlab/runtime/supervision.js'

const policies: fc.Arbitrary<SupervisionPolicy> = fc.record({
  strategy: fc.constantFrom('one-for-one', 'one-for-all', 'rest-for-one'),
  maxRestarts: fc.nat(3), withinMs: fc.integer({ min: 1, max: 200 }),
  backoff: fc.record({ initialMs: fc.nat(20), factor: fc.constantFrom(1, 1.5, 2), maxMs: fc.integer({ min: 1, max: 60 }), jitter: fc.constantFrom(0, 0.25, 1), seed: fc.nat(1000) }),
  whenExceeded: fc.constantFrom('stop', 'escalate'),
})
const children = ['a', 'b', 'c', 'd']
type Move = { readonly kind: 'joined'; readonly key: string } | { readonly kind: 'left'; readonly key: string } | { readonly kind: 'failed'; readonly key: string; readonly isFinal: boolean } | { readonly kind: 'pass'; readonly ms: number } | { readonly kind: 'renewed' }
const moves: fc.Arbitrary<Move[]> = fc.array(fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('joined' as const), key: fc.constantFrom(...children) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('left' as const), key: fc.constantFrom(...children) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('failed' as const), key: fc.constantFrom(...children), isFinal: fc.constant(false) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('failed' as const), key: fc.constantFrom(...children), isFinal: fc.constant(true) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(80) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'renewed' as const }) },
), { maxLength: 40 })

/** Does what the machine decides, and knows by itself what it may decide. */
class Model {
  readonly log: Decision[][] = []
  now = 0
  order: string[] = []
  running = new Set<string>()
  /** Failures that led to a restart. */
  granted: { key: string; at: number }[] = []
  isOver = false
  hasEscalated = false
  #machine = noSupervision
  #due = Infinity

  constructor(readonly policy: SupervisionPolicy) {}

  play(move: Move): void {
    switch (move.kind) {
      case 'pass': this.pass(this.now + move.ms); return
      case 'renewed': this.renew(); return
      case 'joined': this.join(move.key); return
      case 'left': this.leave(move.key); return
      case 'failed': if (this.running.has(move.key)) this.fail(move.key, move.isFinal)
    }
  }

  pass(until: number): void {
    while (this.#due <= until) {
      this.now = Math.max(this.now, this.#due)
      this.#due = Infinity
      const told = this.#tell({ kind: 'due', at: this.now })
      for (const decision of told) expect(['restart', 'wait']).toContain(decision.kind)
    }
    this.now = until
  }

  join(key: string): void {
    if (this.isOver || this.order.includes(key)) return
    this.order.push(key)
    this.running.add(key)
    expect(this.#tell({ kind: 'joined', key }).filter(({ kind }) => kind !== 'wait')).toEqual([])
  }

  leave(key: string): void {
    this.order = this.order.filter((each) => each !== key)
    this.running.delete(key)
    this.granted = this.granted.filter((each) => each.key !== key)
    expect(this.#tell({ kind: 'left', key }).filter(({ kind }) => kind !== 'wait')).toEqual([])
  }

  fail(key: string, isFinal: boolean): void {
    this.running.delete(key)
    const { strategy, maxRestarts, withinMs, whenExceeded } = this.policy
    if (this.hasEscalated) { expect(this.#tell({ kind: 'failed', key, at: this.now, isFinal })).toEqual([]); return }
    const counted = this.granted.filter((each) => this.now - each.at < withinMs && (strategy !== 'one-for-one' || each.key === key))
    const mayRestart = !isFinal && counted.length < maxRestarts
    const before = new Set(this.running)
    const told = this.#tell({ kind: 'failed', key, at: this.now, isFinal })
    const group = mayRestart ? this.#group(key) : whenExceeded === 'escalate' ? this.order : []
    expect(told.flatMap((decision) => (decision.kind === 'suspend' ? decision.keys : []))).toEqual(group.filter((each) => before.has(each)))
    if (mayRestart) {
      this.granted.push({ key, at: this.now })
      expect(told.map(({ kind }) => kind)).not.toContain('stop')
      expect(told.map(({ kind }) => kind)).not.toContain('escalate')
      this.#checkDelay(counted.length + 1, told)
    } else {
      const end = told.find(({ kind }) => kind === 'stop' || kind === 'escalate')
      expect(end).toMatchObject({ kind: whenExceeded, restarts: counted.length })
      if (whenExceeded === 'escalate') expect([...this.running]).toEqual([])
    }
  }

  renew(): void {
    if (!this.hasEscalated) return
    this.hasEscalated = false
    this.granted = []
    // Those that joined meanwhile begin anew with the others.
    this.running.clear()
    const told = this.#tell({ kind: 'renewed' })
    expect(told).toEqual(this.order.length === 0 ? [] : [{ kind: 'restart', keys: this.order }])
  }

  #group(key: string): string[] {
    const { strategy } = this.policy
    if (strategy === 'one-for-one') return [key]
    return strategy === 'one-for-all' ? this.order : this.order.slice(this.order.indexOf(key))
  }

  /** Nobody is due sooner than the back-off allows, nor later than whatever waits the longest. */
  #checkDelay(n: number, told: readonly Decision[]): void {
    const { initialMs, factor, maxMs, jitter } = this.policy.backoff
    const whole = Math.min(initialMs * factor ** (n - 1), maxMs)
    const wait = told.find((decision) => decision.kind === 'wait')
    expect(wait?.until).toBeLessThanOrEqual(this.now + whole * (1 + jitter) + 1e-9)
    if (this.policy.strategy !== 'one-for-one' || this.order.every((each) => this.running.has(each) || each === this.granted.at(-1)?.key)) {
      if (this.order.filter((each) => !this.running.has(each)).length === 1) expect(wait?.until).toBeGreaterThanOrEqual(this.now + whole * (1 - jitter) - 1e-9)
    }
  }

  #tell(event: SupervisionEvent): readonly Decision[] {
    const { next, decisions } = supervise(this.policy, this.#machine, event)
    this.#machine = next
    this.log.push([...decisions])
    for (const decision of decisions) this.#obey(decision)
    return decisions
  }

  #obey(decision: Decision): void {
    switch (decision.kind) {
      case 'wait': expect(decision.until).toBeGreaterThanOrEqual(this.now); this.#due = decision.until; return
      case 'suspend': for (const key of decision.keys) { expect(this.running.has(key)).toBe(true); this.running.delete(key) } return
      case 'restart':
        expect(decision.keys).toEqual(this.order.filter((key) => decision.keys.includes(key)))
        for (const key of decision.keys) { expect(this.running.has(key)).toBe(false); this.running.add(key) }
        return
      case 'stop':
        if (this.policy.strategy !== 'one-for-one') { expect(decision.keys).toEqual(this.order); this.isOver = true }
        this.order = this.order.filter((key) => !decision.keys.includes(key))
        this.granted = this.granted.filter((each) => !decision.keys.includes(each.key))
        for (const key of decision.keys) this.running.delete(key)
        return
      case 'escalate': this.hasEscalated = true; this.#due = Infinity
    }
  }
}

function played(policy: SupervisionPolicy, history: readonly Move[]): Model {
  const model = new Model(policy)
  for (const key of children) model.join(key)
  for (const move of history) model.play(move)
  return model
}

test('a supervisor restarts whom its strategy names, in order, no more often than it may, after the pause it must, and then passes it on', () => {
  fc.assert(fc.property(policies, moves, (policy, history) => {
    const model = played(policy, history)
    expect(played(policy, history).log).toEqual(model.log)
    if (model.hasEscalated) return
    // Whoever is still looked after runs again in the end.
    model.pass(model.now + 10_000)
    expect([...model.running].sort()).toEqual([...model.order].sort())
  }), { numRuns: 2000 })
})
