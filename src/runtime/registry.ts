// Which runtimes and ring kernels live in this process, for whoever shows or acts on them: magics, figures, the session.
import type { ActorRow } from '../ring/counters.js'
import type { Actor } from './actor.js'
import type { RingKernelRuntime } from './ring-kernel-runtime.js'
import type { RingKernel } from './types.js'

const runtimes = new Set<RingKernelRuntime>()
const actors = new Set<Actor>()
const listeners = new Set<() => void>()
let bodyLog: (line: string) => void = (line) => { process.stdout.write(`${line}\n`) }

/** Live runtimes, oldest first; the last one is what magics act on. */
export function liveRuntimes(): readonly RingKernelRuntime[] { return [...runtimes] }

/** Live ring kernels of a definition's name, oldest first. */
export function actorsOf(name: string): readonly Actor[] { return [...actors].filter((actor) => actor.definition.name === name) }

/** Where the counters of every live ring kernel lie, oldest first. */
export function actorRows(): ActorRow[] { return [...actors].flatMap((actor) => actor.row() ?? []) }

/** Calls `listener` after each change of a life cycle; returns how to stop that. */
export function onActorsChanged(listener: () => void): () => void {
  listeners.add(listener)
  return () => { listeners.delete(listener) }
}

/** Where what bodies log goes, line by line. Each launch keeps the log that is set at that moment. */
export function setBodyLog(log: (line: string) => void): void { bodyLog = log }
export function currentBodyLog(): (line: string) => void { return bodyLog }

/** The messages queued in one ring, decoded, oldest first, at most `limit`; none is taken. */
export function queuedMessages(of: RingKernel, side: 'input' | 'output', limit: number): unknown[] {
  const actor = [...actors].find((candidate) => candidate === of)
  return actor === undefined ? [] : actor.peekQueued(side, limit)
}

export function enrolRuntime(runtime: RingKernelRuntime): void { runtimes.add(runtime) }
export function dismissRuntime(runtime: RingKernelRuntime): void { runtimes.delete(runtime) }

export function actorChanged(actor: Actor): void {
  if (actor.isLive) actors.add(actor)
  else actors.delete(actor)
  for (const listener of listeners) listener()
}
