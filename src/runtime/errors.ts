// The errors of running ring kernels. Each is one sentence for the user (what, where, what to do) with its facts as fields.
import type { State } from './life-cycle.js'

/** Gives an error its name and its facts, for programs: printing the error shows the sentence, which says them already. */
function describe(error: Error, facts: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(facts)) Object.defineProperty(error, name, { value })
}

/** A call that the ring kernel's state does not allow. */
export class RingKernelStateError extends Error {
  declare readonly name: 'RingKernelStateError'
  declare readonly id: string
  declare readonly state: State
  /** The calls that are legal in this state. */
  declare readonly legal: readonly string[]

  constructor(id: string, state: State, call: string, legal: readonly string[]) {
    const may = legal.length === 0 ? 'nothing more can be asked of it: launch it again' : `legal now: ${legal.map((name) => `${name}()`).join(', ')}`
    super(`ring kernel '${id}' is ${state}, so ${call}() cannot be called; ${may}.`)
    describe(this, { name: 'RingKernelStateError', id, state, legal })
  }
}

/** A queue that is full, under a policy that does not wait. */
export class QueueFullError extends Error {
  declare readonly name: 'QueueFullError'
  declare readonly id: string
  /** Messages the queue holds. */
  declare readonly capacity: number

  constructor(id: string, capacity: number, message: string) {
    super(message)
    describe(this, { name: 'QueueFullError', id, capacity })
  }
}

/** A wait that reached its `timeoutMs`. */
export class TimeoutError extends Error {
  declare readonly name: 'TimeoutError'
  declare readonly id: string
  declare readonly timeoutMs: number

  constructor(id: string, timeoutMs: number, waitedFor: string, sentence = `ring kernel '${id}': ${waitedFor} took longer than ${timeoutMs} ms; raise timeoutMs, or see %actors for what it is doing.`) {
    super(sentence)
    describe(this, { name: 'TimeoutError', id, timeoutMs })
  }
}

/** An ask whose message its ring kernel did not take: the message is a dead letter. */
export class UndeliveredError extends Error {
  declare readonly name: 'UndeliveredError'
  declare readonly id: string
  /** As the dead letter says it: `expired`, `terminated` … */
  declare readonly reason: string

  constructor(id: string, reason: string, message: string) {
    super(message)
    describe(this, { name: 'UndeliveredError', id, reason })
  }
}

/** A device that cannot be used, or that failed under a ring kernel. */
export class DeviceError extends Error {
  declare readonly name: 'DeviceError'
  declare readonly device: string

  constructor(device: string, message: string, options?: ErrorOptions) {
    super(message, options)
    describe(this, { name: 'DeviceError', device })
  }
}

/** A ring kernel whose body failed: `message` is the body's own, followed by where; `cause` is the body's error. */
export class RingKernelFault extends Error {
  declare readonly name: 'RingKernelFault'
  declare readonly id: string
  /** Where in the body, as `file:line:column` or `cell [n]:line:column`; undefined when the error carried no place. */
  declare readonly place: string | undefined

  constructor(id: string, cause: Error, place: string | undefined) {
    super(`${cause.message} (in ring kernel '${id}'${place === undefined ? '' : ` at ${place}`})`, { cause })
    describe(this, { name: 'RingKernelFault', id, place })
  }
}

/** A ring kernel that its supervisor gave up: `message` is the last error's own, followed by how often it was restarted; `cause` is that error. */
export class SupervisionError extends Error {
  declare readonly name: 'SupervisionError'
  /** The supervisor's name. */
  declare readonly supervisor: string
  /** Restarts within the supervisor's window before it gave up. */
  declare readonly restarts: number

  constructor(supervisor: string, restarts: number, cause: Error) {
    super(`${cause.message} (${restarts === 0 ? 'not restarted' : `restarted ${restarts === 1 ? 'once' : `${restarts} times`} before`} by supervisor '${supervisor}', which gave up)`, { cause })
    describe(this, { name: 'SupervisionError', supervisor, restarts })
  }
}

/** A checkpoint that cannot be written, read or gone on with. */
export class CheckpointError extends Error {
  declare readonly name: 'CheckpointError'
  declare readonly path: string
  /**
   * `missing`: no such file, or none that can be read. `foreign`: no checkpoint. `torn`: cut off or changed. `newer`, `older`: of a layout that this ringlab does
   * not read. `schema`, `body`, `state`: it does not fit the definition. `unwritten`: it could not be taken or written.
   */
  declare readonly reason: 'missing' | 'foreign' | 'torn' | 'newer' | 'older' | 'schema' | 'body' | 'state' | 'unwritten'

  constructor(path: string, reason: CheckpointError['reason'], sentence: string, options?: ErrorOptions) {
    super(`checkpoint ${path}: ${sentence}`, options)
    describe(this, { name: 'CheckpointError', path, reason })
  }
}

/** A barrier that broke: the sentence says who is to blame; `cause` is the error that ended it, where there is one. */
export class BarrierError extends Error {
  declare readonly name: 'BarrierError'
  declare readonly parties: readonly string[]
  /** The round that was not passed; 1 is the first. */
  declare readonly round: number
  /** Who had not reached it in this round. */
  declare readonly missing: readonly string[]

  constructor(parties: readonly string[], round: number, missing: readonly string[], why: string, options?: ErrorOptions) {
    super(`barrier of ${parties.join(', ')}, round ${round}: ${why}`, options)
    describe(this, { name: 'BarrierError', parties, round, missing })
  }
}

/** A one-shot kernel whose body failed: `message` is the body's own, followed by where; `cause` is the body's error. */
export class KernelError extends Error {
  declare readonly name: 'KernelError'
  declare readonly kernel: string
  /** The `i` at which it failed. */
  declare readonly index: number
  declare readonly place: string | undefined

  constructor(kernel: string, cause: Error, index: number, place: string | undefined) {
    super(`${cause.message} (in kernel '${kernel}' at i = ${index}${place === undefined ? '' : `, ${place}`})`, { cause })
    describe(this, { name: 'KernelError', kernel, index, place })
  }
}

/** The name in `known` nearest to `wanted`, when it is near enough to be meant (a third of its letters may differ). */
export function nearestName(wanted: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const name of known) {
    const distance = editDistance(wanted.toLowerCase(), name.toLowerCase())
    if (distance < bestDistance) { best = name; bestDistance = distance }
  }
  return best
}

/** What to say of a name that is not among those `known`, which are `kind`, such as `launched`. */
export function unknownName(what: string, wanted: string, kind: string, known: readonly string[]): string {
  const near = nearestName(wanted, known)
  return `${what}; ${known.length === 0 ? `none is ${kind}` : `${kind}: ${known.join(', ')}`}${near === undefined ? '' : `. Did you mean '${near}'?`}`
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
