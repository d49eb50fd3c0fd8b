// Runs one compiled body: the emitted function, called until it waits. Between two calls everything it knows lies in the arena, so it can be parked, stopped,
// and gone on with in another thread at any of its suspension points.
import type { CompiledBody } from '../../compiler/compiled.js'
import { left, type JavaScriptPlaces } from '../../compiler/javascript/actor.js'
import { evaluateJavaScript } from '../../compiler/javascript/emit.js'
import { numericFor } from '../../compiler/javascript/numeric.js'
import { command, deviceState, waitsFor } from '../../ring/control.js'
import type { Fault } from '../../runtime/device.js'
import { EmittedActor } from './emitted-actor.js'
import type { RingsAt } from './emitted-ends.js'
import type { EmittedPlace } from './emitted-frame.js'
import { faultAt } from './fault-text.js'
import type { BodyLetter } from './letters.js'
import type { Runner, RunnerEvents, Step } from './runner.js'

/** What of a compiled body its runner needs; the rest need not travel to another thread. */
export type EmittedBody = Pick<CompiledBody, 'name' | 'form' | 'javascript' | 'frameBytes' | 'localBytes' | 'constants' | 'sites' | 'ports' | 'inputBytes' | 'buffers'>

export interface EmittedParts {
  readonly body: EmittedBody
  readonly place: Omit<EmittedPlace, 'shape'>
  readonly rings: RingsAt
  readonly buffers: JavaScriptPlaces['buffers']
  readonly events: Omit<RunnerEvents, 'failed'> & {
    /** `letter` is the message that it failed with, when it had one in hand. */
    failed(fault: Fault, letter: BodyLetter | undefined): void
    /** A message was given up, and the body goes on. */
    deadLetter(letter: BodyLetter): void
  }
  /** One console.log of the body. */
  readonly print: (values: readonly unknown[]) => void
}

export class EmittedRunner implements Runner {
  /** Between two steps it always waits for a ring. */
  readonly isParked = true
  isOver = false
  readonly #actor: EmittedActor
  readonly #run: () => number
  readonly #parts: EmittedParts
  #waits: number = left.turn
  #rewiring: { readonly rings: RingsAt; readonly done: () => void } | undefined

  constructor(parts: EmittedParts) {
    this.#parts = parts
    const { body, place, events } = parts
    this.#actor = new EmittedActor({ ...place, shape: body }, parts.rings, {
      print: (site, values) => { parts.print(printed(body, site, values)) }, moved: () => { events.moved() }, expired: (letter) => { events.deadLetter(letter) },
    })
    this.#run = evaluateJavaScript(body.javascript, body.name)(this.#actor, {
      memory: place.arena.memory, state: place.state.offset, regions: this.#actor.places.frames[0], constants: body.constants, buffers: parts.buffers, arguments: undefined,
    }, numericFor())
    if (this.#actor.control.state() === deviceState.absent) this.#actor.control.setState(deviceState.launched)
  }

  /** Byte offset of the frame that counts. */
  get frame(): number { return this.#actor.frame }

  step(): Step {
    if (this.isOver) return 'idle'
    const actor = this.#actor
    const asked = actor.control.command()
    if (asked === command.stop) { this.#stopped(); return 'moved' }
    if (asked === command.park) return this.#park()
    if (asked === command.idle) return 'idle'
    if (actor.control.state() !== deviceState.running) { actor.activated(); actor.lookAgain(); actor.control.setState(deviceState.running); this.#parts.events.answered() }
    if (!actor.isReady(this.#waits)) {
      // Whatever was queued is done: the drain is over.
      if (asked === command.drain && this.#waits === left.input) { this.#stopped(); return 'moved' }
      return 'idle'
    }
    actor.control.beat()
    actor.control.setWaits(waitsFor.nothing, 0, 0)
    actor.beginTurn()
    this.#left(this.#run())
    return 'moved'
  }

  /** Other connections from now on, `done` once it has them: not before a message that came by one of those it loses is finished. */
  wire(rings: RingsAt, done: () => void): void {
    this.#rewiring?.done()
    this.#rewiring = { rings, done }
    this.#rewire()
  }

  #rewire(): void {
    if (this.#rewiring === undefined || !this.#actor.wire(this.#rewiring.rings)) return
    // What it waited for may be another ring now: the body looks itself.
    this.#waits = left.turn
    this.#rewiring.done()
    this.#rewiring = undefined
  }

  abandon(): void {
    if (!this.isOver) this.#stopped()
  }

  fail(thrown: unknown): void { this.#failed({ error: thrown instanceof Error ? thrown : new Error(String(thrown)), place: undefined }) }

  #left(why: number): void {
    const actor = this.#actor
    switch (why) {
      case left.faulted:
        if (this.#parts.body.form === 'messages') this.#deadLetter()
        else this.#failed(faultAt(this.#parts.body.sites[actor.faultSite], actor.faultValue))
        return
      case left.stopped: actor.settle(); this.#stopped(); return
      case left.returned: actor.finish(); actor.settle(true); this.#stopped(); this.#parts.events.returned(); return
    }
    actor.tell()
    this.#waits = why
    if (why === left.room) actor.control.setWaits(waitsFor.outputRoom, actor.fullEdge(), actor.awaitedCount)
    else if (why === left.input) actor.control.setWaits(waitsFor.input, 0, 0)
    this.#rewire()
  }

  /** `parallel: 'messages'`: messages are each other's neighbours, and one that faults does not end the others. */
  #deadLetter(): void {
    this.#parts.events.deadLetter(this.#actor.giveUp())
    this.#waits = left.turn
    this.#rewire()
  }

  #failed(fault: Fault): void {
    if (this.isOver) return
    this.isOver = true
    const letter = this.#actor.failed()
    this.#end(deviceState.failed)
    this.#parts.events.failed(fault, letter)
  }

  #stopped(): void {
    this.isOver = true
    this.#actor.tell()
    this.#end(deviceState.done)
  }

  #end(state: number): void {
    this.#actor.control.setWaits(waitsFor.nothing, 0, 0)
    this.#actor.control.setState(state)
    this.#parts.events.answered()
    this.#parts.events.parked()
  }

  #park(): Step {
    if (this.#actor.control.state() === deviceState.parked) return 'idle'
    this.#actor.tell()
    this.#actor.control.setHolds(this.#actor.holds)
    this.#actor.control.setState(deviceState.parked)
    this.#parts.events.answered()
    return 'moved'
  }
}

/** Literals and values of a log line, in order. */
function printed(body: EmittedBody, site: number, values: readonly unknown[]): unknown[] {
  let next = 0
  return (body.sites[site]?.parts ?? []).map((part) => (typeof part === 'string' ? part : values[next++]))
}
