// Rings between ring kernels that drop what finds no room, in place of holding their sender up. The newest is dropped by the sender alone: it writes nothing and
// counts. The oldest belongs to whoever moves the head past it, by one compare-and-exchange: the taker, who has copied it by then, or the sender, who
// counts it as dropped and only then writes over older slots. So each message is taken or counted, never both, and a copy that was overwritten meanwhile is
// one whose exchange fails.

export interface Overflow {
  readonly whenFull: 'dropOldest' | 'dropNewest'
  /** Word index of what was dropped, on the sender's line. */
  readonly droppedWord: number
  /** Byte offset of a slot behind the others, where the taker keeps what it took; only where the oldest are dropped. */
  readonly handSlot: number
}

/** The sender: moves the head until a message of index `next` has room. Every failed exchange means that the taker made some. */
export function dropOldest(words: Int32Array, headWord: number, droppedWord: number, next: number, capacity: number): void {
  for (;;) {
    const head = Atomics.load(words, headWord)
    if (((next - head) | 0) < capacity) return
    if (Atomics.compareExchange(words, headWord, head, (head + 1) | 0) === head) countDropped(words, droppedWord, 1)
  }
}

/** Only the sender counts. */
export function countDropped(words: Int32Array, droppedWord: number, count: number): void { Atomics.store(words, droppedWord, ((words[droppedWord] as number) + count) | 0) }

/** The taker: copies the oldest message by `copy`, which is given its index, until it was whole. False when there is none. */
export function claimOldest(words: Int32Array, headWord: number, tailWord: number, copy: (index: number) => void): boolean {
  for (;;) {
    const head = Atomics.load(words, headWord)
    if (((Atomics.load(words, tailWord) - head) | 0) <= 0) return false
    copy(head)
    if (Atomics.compareExchange(words, headWord, head, (head + 1) | 0) === head) return true
  }
}

/** Copies whole slots, envelope included. */
export function copySlot(from: Int32Array, fromByte: number, to: Int32Array, toByte: number, bytes: number): void {
  const [source, target] = [fromByte >>> 2, toByte >>> 2]
  for (let word = 0; word < bytes >>> 2; word++) to[target + word] = from[source + word] as number
}
