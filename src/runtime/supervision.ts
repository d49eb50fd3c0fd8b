// What a supervisor decides: a pure machine from policy, history and event to decisions. It knows keys and times only; who carries a decision out is
// supervisor.ts.
//
// The strategies are those of Erlang/OTP (supervisor(3)) and Akka: `one-for-one` restarts who failed, `one-for-all` everybody, `rest-for-one` who failed and
// everybody who joined after it. Restarts are counted within a sliding window: of each child by itself under `one-for-one`, of all together otherwise.

export type Strategy = 'one-for-one' | 'one-for-all' | 'rest-for-one'

export interface SupervisionPolicy {
  readonly strategy: Strategy
  /** Restarts within `withinMs` before the next failure is one too many; 0 restarts nobody. */
  readonly maxRestarts: number
  readonly withinMs: number
  /** The wait before the n-th restart in the window: initialMs × factorⁿ⁻¹, at most maxMs, spread by ± jitter of itself. */
  readonly backoff: { readonly initialMs: number; readonly factor: number; readonly maxMs: number; readonly jitter: number; readonly seed: number }
  readonly whenExceeded: 'stop' | 'escalate'
}

export interface Supervision {
  /** Children in the order in which they joined. */
  readonly order: readonly string[]
  /** Those that do not run, and when they are due; never, while the parent decides. */
  readonly down: readonly { readonly key: string; readonly dueAt: number }[]
  readonly restarts: readonly { readonly key: string; readonly at: number }[]
  /** Random numbers drawn so far. */
  readonly draws: number
  readonly phase: 'open' | 'escalated' | 'over'
}

export type SupervisionEvent =
  | { readonly kind: 'joined' | 'left'; readonly key: string }
  /** `isFinal`: nobody can restart it. */
  | { readonly kind: 'failed'; readonly key: string; readonly at: number; readonly isFinal: boolean }
  | { readonly kind: 'due'; readonly at: number }
  /** The parent restarts, or ends, the supervisor with all its children. */
  | { readonly kind: 'renewed' | 'ended' }

export type Decision =
  | { readonly kind: 'suspend'; readonly keys: readonly string[] }
  /** In this order, one after the other. */
  | { readonly kind: 'restart'; readonly keys: readonly string[] }
  /** Tell the machine that it is `due` at this time; replaces what was said before. */
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'stop'; readonly keys: readonly string[]; readonly restarts: number }
  | { readonly kind: 'escalate'; readonly restarts: number }

interface Step { readonly next: Supervision; readonly decisions: readonly Decision[] }

export const noSupervision: Supervision = Object.freeze({ order: [], down: [], restarts: [], draws: 0, phase: 'open' })

export function supervise(policy: SupervisionPolicy, now: Supervision, event: SupervisionEvent): Step {
  if (now.phase === 'over') return { next: now, decisions: [] }
  switch (event.kind) {
    case 'joined': return now.order.includes(event.key) ? { next: now, decisions: [] } : { next: { ...now, order: [...now.order, event.key] }, decisions: [] }
    case 'left': return waited({ ...without(now, [event.key]) })
    // Who fails while the parent decides about all of them waits for that, too.
    case 'failed': if (now.phase === 'escalated') return { next: isDown(now, event.key) || !now.order.includes(event.key) ? now : { ...now, down: [...now.down, { key: event.key, dueAt: Infinity }] }, decisions: [] }
      return now.order.includes(event.key) && !isDown(now, event.key) ? failed(policy, now, event) : { next: now, decisions: [] }
    case 'due': return due(now, event.at)
    case 'renewed': return { next: { ...now, phase: 'open', down: [], restarts: [] }, decisions: restarting(now.order) }
    case 'ended': return { next: { ...now, phase: 'over', order: [], down: [] }, decisions: now.order.length === 0 ? [] : [{ kind: 'stop', keys: now.order, restarts: now.restarts.length }] }
  }
}

/** The wait before the n-th restart in the window, ms, and how many random numbers were drawn for it. */
function backoffMs({ initialMs, factor, maxMs, jitter, seed }: SupervisionPolicy['backoff'], n: number, draw: number): number {
  const whole = Math.min(initialMs * factor ** (n - 1), maxMs)
  return jitter === 0 ? whole : whole * (1 + jitter * (2 * random(seed, draw) - 1))
}

function failed(policy: SupervisionPolicy, now: Supervision, { key, at, isFinal }: Extract<SupervisionEvent, { kind: 'failed' }>): Step {
  const recent = now.restarts.filter((each) => at - each.at < policy.withinMs)
  const counted = policy.strategy === 'one-for-one' ? recent.filter((each) => each.key === key) : recent
  if (isFinal || counted.length >= policy.maxRestarts) return exceeded(policy, { ...now, restarts: recent }, key, counted.length)
  const affected = affectedBy(policy.strategy, now.order, key)
  const dueAt = at + backoffMs(policy.backoff, counted.length + 1, now.draws)
  const others = affected.filter((each) => each !== key && !isDown(now, each))
  const later = Math.max(dueAt, ...now.down.filter((each) => affected.includes(each.key)).map((each) => each.dueAt))
  return waited({
    ...now, restarts: [...recent, { key, at }], draws: now.draws + 1,
    down: [...now.down.filter((each) => !affected.includes(each.key)), ...affected.map((each) => ({ key: each, dueAt: later }))],
  }, suspending(others))
}

function exceeded(policy: SupervisionPolicy, now: Supervision, key: string, restarts: number): Step {
  if (policy.whenExceeded === 'escalate') {
    const others = now.order.filter((each) => each !== key && !isDown(now, each))
    return { next: { ...now, phase: 'escalated', down: now.order.map((each) => ({ key: each, dueAt: Infinity })) }, decisions: [...suspending(others), { kind: 'escalate', restarts }] }
  }
  const stopped = policy.strategy === 'one-for-one' ? [key] : now.order
  const next = without(now, stopped)
  return waited(policy.strategy === 'one-for-one' ? next : { ...next, phase: 'over' }, [{ kind: 'stop', keys: stopped, restarts }])
}

function due(now: Supervision, at: number): Step {
  const ready = now.down.filter((each) => each.dueAt <= at).map((each) => each.key)
  // In the order in which they joined: who came later may lean on who came earlier.
  return waited({ ...now, down: now.down.filter((each) => each.dueAt > at) }, restarting(now.order.filter((each) => ready.includes(each))))
}

function affectedBy(strategy: Strategy, order: readonly string[], key: string): readonly string[] {
  if (strategy === 'one-for-one') return [key]
  return strategy === 'one-for-all' ? order : order.slice(order.indexOf(key))
}

function isDown(now: Supervision, key: string): boolean { return now.down.some((each) => each.key === key) }

function without(now: Supervision, keys: readonly string[]): Supervision {
  return { ...now, order: now.order.filter((each) => !keys.includes(each)), down: now.down.filter((each) => !keys.includes(each.key)), restarts: now.restarts.filter((each) => !keys.includes(each.key)) }
}

function suspending(keys: readonly string[]): readonly Decision[] { return keys.length === 0 ? [] : [{ kind: 'suspend', keys }] }
function restarting(keys: readonly string[]): readonly Decision[] { return keys.length === 0 ? [] : [{ kind: 'restart', keys }] }

/** With the next time at which somebody is due. */
function waited(next: Supervision, decisions: readonly Decision[] = []): Step {
  const until = Math.min(...next.down.map((each) => each.dueAt))
  return { next, decisions: Number.isFinite(until) ? [...decisions, { kind: 'wait', until }] : decisions }
}

/** The `draw`-th number of a sequence in 0 … 1 (mulberry32, by Tommy Ettinger, public domain). */
function random(seed: number, draw: number): number {
  let mixed = (seed + Math.imul(draw + 1, 0x6d2b79f5)) | 0
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}
