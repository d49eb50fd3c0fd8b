// Ring kernels that wait for each other in a circle: each for room in a ring that only the next could empty. Found from what they publish of themselves.
import { double, waitsFor, word } from '../ring/control.js'
import type { Actor } from './actor.js'
import { depthOf, isActor, type Link } from './connection.js'

/** One circle as it looked: who waits where, and how far each had come. */
interface Circle { readonly connections: readonly Link[]; readonly looks: string }

export class Deadlocks {
  /** By the rings of the circle. Only a circle that looks the same twice stands still. */
  #seen = new Map<string, Circle>()
  /** Circles that were reported and still stand, by their rings. */
  #reported = new Map<string, { readonly actors: ReadonlySet<Actor>; readonly sentence: string }>()

  /** Looks at all open connections; reports every circle that stands still, once. */
  look(connections: readonly Link[]): void {
    const circles = circlesOf(connections)
    const still = new Map<string, { readonly actors: ReadonlySet<Actor>; readonly sentence: string }>()
    for (const [rings, circle] of circles) {
      if (this.#seen.get(rings)?.looks !== circle.looks) continue
      const known = this.#reported.get(rings)
      still.set(rings, known ?? report(circle))
    }
    this.#seen = circles
    this.#reported = still
  }

  /** The circle that `actor` stands in, as it was reported. */
  of(actor: Actor): string | undefined {
    for (const { actors, sentence } of this.#reported.values()) if (actors.has(actor) && [...actors].every((each) => each.state === 'ACTIVE')) return sentence
    return undefined
  }
}

function report({ connections }: Circle): { readonly actors: ReadonlySet<Actor>; readonly sentence: string } {
  const actors = connections.map((each) => each.from)
  const rings = connections.length === 1 ? 'its ring' : connections.length === 2 ? 'both rings' : 'all rings'
  const capacities = [...new Set(connections.map((each) => each.edge.capacity))]
  const sentence = `deadlock: ${[...actors, actors[0]].map((actor) => actor?.id).join(' → ')}, ${rings} full (${capacities.join(', ')})`
  // Each cell that launched one of them is told, and once.
  for (const log of new Set(actors.map((actor) => actor.log))) log(sentence)
  return { actors: new Set(actors), sentence }
}

/** Everybody waits for one ring at most, so following who waits for whom finds every circle. */
function circlesOf(connections: readonly Link[]): Map<string, Circle> {
  const waits = new Map<Actor, Link>()
  // The host waits for nobody.
  for (const connection of connections) if (isActor(connection.to) && waitsIn(connection)) waits.set(connection.from, connection)
  const circles = new Map<string, Circle>()
  const done = new Set<Actor>()
  for (const start of waits.keys()) {
    const path: Link[] = []
    let actor = start
    for (let next = waits.get(actor); next !== undefined && !done.has(actor); next = waits.get(actor)) {
      done.add(actor)
      path.push(next)
      actor = next.to as Actor
    }
    const first = path.findIndex((each) => each.from === actor)
    if (first < 0) continue
    const circle = fromOldest(path.slice(first))
    circles.set(circle.map((each) => each.edge.number).join(' '), { connections: circle, looks: circle.map((each) => progressOf(each.from)).join(' ') })
  }
  return circles
}

/** A circle has no beginning; it is told from the ring kernel launched first. */
function fromOldest(circle: readonly Link[]): Link[] {
  const oldest = circle.reduce((best, each, i) => (each.from.number < (circle[best] as Link).from.number ? i : best), 0)
  return [...circle.slice(oldest), ...circle.slice(0, oldest)]
}

function waitsIn({ edge, from }: Link): boolean {
  if (from.state !== 'ACTIVE') return false
  const { arena: { words }, offset } = from.block
  const at = (index: number): number => Atomics.load(words, (offset >>> 2) + index)
  if (at(word.waitsFor) !== waitsFor.outputRoom || at(word.waitsEdge) !== edge.number) return false
  // On a busy machine its thread may not have come to see yet that there is room. What lies in a GPU's memory is polled by its resident kernel, and cannot be seen from here.
  return edge.at.kind === 'device' || edge.capacity - depthOf(edge) < Math.max(at(word.waitsCount), 1)
}

function progressOf({ block: { arena: { doubles }, offset } }: Actor): string {
  return `${doubles[(offset >>> 3) + double.processed] as number}/${doubles[(offset >>> 3) + double.sent] as number}`
}
