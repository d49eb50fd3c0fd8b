// How this thread waits for devices: one doorbell a runtime that any device may ring, and the watchers that look when it rings.
//
// A wait first spins for a bounded moment (most answers come within a microsecond), then sleeps in Atomics.waitAsync. That alone does not keep Node's event
// loop alive, so while somebody watches, a referenced timer does; it also looks again now and then, in case a callback here was cut short by an interrupt.
import type { Block } from '../ring/arena.js'

/** Word indices on the doorbell's page. */
const bellWord = { sleeping: 0, bell: 1 } as const

/** Does the runtime's thread sleep, so that somebody has to ring? */
export function isHostAsleep(words: Int32Array, at: number): boolean { return Atomics.load(words, at + bellWord.sleeping) === 1 }

/** Rings the bell from a device's thread when the runtime's thread sleeps; one load when it does not. `at` is the page's first word. */
export function wakeHost(words: Int32Array, at: number): void {
  if (Atomics.load(words, at + bellWord.sleeping) === 0) return
  // Whoever clears the flag rings: one wake-up is enough.
  if (Atomics.compareExchange(words, at + bellWord.sleeping, 1, 0) !== 1) return
  Atomics.add(words, at + bellWord.bell, 1)
  Atomics.notify(words, at + bellWord.bell)
}

/** Looks whether what it waits for has come; true ends the watch. Must not throw. */
export interface Watcher { look(): boolean }

/** How often sleeping watchers look without being rung, ms: heals a wake-up lost to an interrupt. */
const SECOND_LOOK_MS = 100

export class HostBell {
  readonly block: Block
  readonly #words: Int32Array
  readonly #at: number
  readonly #watchers = new Set<Watcher>()
  /** Looks that go along with the others, for as long as they want, and keep nothing alive. */
  readonly #companions = new Map<object, () => void>()
  #armed = false
  /** The count of the bell that is waited on. */
  #heard = 0
  #timer: NodeJS.Timeout | undefined

  constructor(block: Block) {
    this.block = block
    this.#words = block.arena.words
    this.#at = block.offset >>> 2
  }

  /** Keeps `watcher` looking until it is content. */
  watch(watcher: Watcher): void {
    if (this.#watchers.has(watcher)) return
    this.#watchers.add(watcher)
    this.#timer ??= setTimeout(() => this.#lookAgain(), SECOND_LOOK_MS)
    this.#timer.ref()
    this.#arm()
  }

  /** Calls `look` whenever the bell rings, until `leave(of)`, without keeping the process alive. */
  accompany(of: object, look: () => void): void {
    this.#companions.set(of, look)
    this.#timer ??= setTimeout(() => this.#lookAgain(), SECOND_LOOK_MS).unref()
    this.#arm()
  }

  leave(of: object): void { this.#companions.delete(of) }

  /** Lets all watchers look now. */
  ring(): void {
    this.#look()
    if (this.#watchers.size > 0 || this.#companions.size > 0) this.#arm()
    if (this.#watchers.size === 0) this.#timer?.unref()
  }

  /** Stops the timer; nothing may be watched afterwards. */
  close(): void {
    this.#watchers.clear()
    this.#companions.clear()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Says that this thread sleeps, looks once more (a device that moved before it could read that will not ring), and listens. */
  #arm(): void {
    // The count first: a ring that comes after the flag is up then ends the wait at once. Read after it, that ring would count as heard with the
    // flag down again, and nobody would ring any more.
    const heard = Atomics.load(this.#words, this.#at + bellWord.bell)
    Atomics.store(this.#words, this.#at + bellWord.sleeping, 1)
    queueMicrotask(() => { this.#look(); if (this.#watchers.size === 0) this.#timer?.unref() })
    if (this.#armed) return
    this.#heard = heard
    const wait = Atomics.waitAsync(this.#words, this.#at + bellWord.bell, this.#heard)
    if (!wait.async) { queueMicrotask(() => this.ring()); return }
    this.#armed = true
    void wait.value.then(() => { this.#armed = false; this.ring() })
  }

  /** An interrupt may have dropped the reaction to a ring that was heard: then nothing listens any more. */
  #lookAgain(): void {
    // First, because an interrupt in here would end an interval for good.
    this.#timer?.refresh()
    if (this.#armed && Atomics.load(this.#words, this.#at + bellWord.bell) !== this.#heard) this.#armed = false
    this.ring()
  }

  #look(): void {
    for (const look of this.#companions.values()) look()
    for (const watcher of this.#watchers) if (watcher.look()) this.#watchers.delete(watcher)
  }
}
