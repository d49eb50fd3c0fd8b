// The 32-byte envelope in front of every payload, as words of the slot:
//   0–1 id: sequence, then sender in the high and runtime in the low half · 2–3 correlation id · 4 priority (u8), and the low 24 bits of the
//   sequence of the message that the sender had in hand, 0 for none: what a trace finds causes by
//   5 time to live in ms, 0 for ever · 6–7 the hybrid logical clock of its sending (see hybrid-clock.ts) in ns, u64
// All fields are u32 pairs, because a BigInt costs an allocation a message; bigints are made only when somebody looks.

/** Bytes of the envelope; the payload follows. */
export const ENVELOPE_BYTES = 32
export const PRIORITY_DEFAULT = 128

/** Slots are whole 16-byte units, so that every payload can be moved by 16-byte loads. */
const SLOT_ALIGN = 16

/** What the user may see of an envelope. */
export interface Envelope {
  readonly id: bigint
  readonly correlationId: bigint
  readonly priority: number
  readonly sender: number
  /** When it was sent, on the process's monotonic clock: greater than that of everything its sender sent or took before. */
  readonly sentAtNs: bigint
  /** After that many ms nobody is given it any more; 0: for ever. */
  readonly timeToLiveMs: number
}

/** Bytes from one slot to the next for payloads of this size. */
export function slotStride(payloadBytes: number): number {
  return Math.ceil((ENVELOPE_BYTES + payloadBytes) / SLOT_ALIGN) * SLOT_ALIGN
}

const TWO_32 = 4294967296

/** Writes a whole envelope at byte offset `slot`. `sentAtNs` is a whole number below 2⁵³. */
export function writeEnvelope(
  words: Int32Array, slot: number, sequence: number, origin: number, correlationLow: number, correlationHigh: number,
  priority: number, sentAtNs: number, timeToLiveMs = 0,
): void {
  const at = slot >>> 2
  words[at] = sequence
  words[at + 1] = origin
  words[at + 2] = correlationLow
  words[at + 3] = correlationHigh
  words[at + 4] = priority
  words[at + 5] = timeToLiveMs
  words[at + 6] = sentAtNs >>> 0
  words[at + 7] = sentAtNs / TWO_32
}

export function readEnvelope(words: Int32Array, slot: number): Envelope {
  const at = slot >>> 2
  const origin = words[at + 1] as number
  return {
    id: pair(words[at] as number, origin),
    correlationId: pair(words[at + 2] as number, words[at + 3] as number),
    priority: (words[at + 4] as number) & 0xff,
    sender: origin >>> 16,
    sentAtNs: pair(words[at + 6] as number, words[at + 7] as number),
    timeToLiveMs: (words[at + 5] as number) >>> 0,
  }
}

/** An envelope as the bytes in front of a payload. */
export function envelopeBytes({ id, correlationId, priority, sentAtNs, timeToLiveMs }: Envelope): Uint8Array {
  const words = new Int32Array(ENVELOPE_BYTES / 4)
  writeEnvelope(words, 0, lowHalf(id), highHalf(id), lowHalf(correlationId), highHalf(correlationId), priority, Number(sentAtNs), timeToLiveMs)
  return new Uint8Array(words.buffer)
}

/** The correlation id alone: what `ask` looks for. */
export function readCorrelation(words: Int32Array, slot: number): bigint {
  const at = slot >>> 2
  return pair(words[at + 2] as number, words[at + 3] as number)
}

/** Word 4: a priority beside the mark of the message whose slot begins at word `hand`; −1 for none. */
export function withCause(words: Int32Array, hand: number, priority: number): number { return hand < 0 ? priority : priority | ((words[hand] as number) << 8) }

/** The mark of the message that led to this one; 0 for none. */
export function readCause(words: Int32Array, slot: number): number { return (words[(slot >>> 2) + 4] as number) >>> 8 }

/** The mark by which messages name this one as what led to them. */
export function causeMark(sequence: number): number { return sequence & 0xffffff }

export function readSentAtNs(words: Int32Array, slot: number): number {
  const at = slot >>> 2
  return (words[at + 7] as number) * TWO_32 + ((words[at + 6] as number) >>> 0)
}

export function writeSentAtNs(words: Int32Array, slot: number, sentAtNs: number): void {
  const at = slot >>> 2
  words[at + 6] = sentAtNs >>> 0
  words[at + 7] = sentAtNs / TWO_32
}

export function clearCorrelation(words: Int32Array, slot: number): void { words[(slot >>> 2) + 2] = words[(slot >>> 2) + 3] = 0 }

/** 0: for ever. */
export function readTimeToLiveMs(words: Int32Array, slot: number): number { return (words[(slot >>> 2) + 5] as number) >>> 0 }

/** One u64 from its two halves. */
export function pair(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}

export function lowHalf(value: bigint): number { return Number(BigInt.asIntN(32, value)) }
export function highHalf(value: bigint): number { return Number(BigInt.asIntN(32, value >> 32n)) }
