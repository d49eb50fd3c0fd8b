// Message ids as people read them: a UUID of version 8 (RFC 9562, section 5.8), which leaves its bits to whoever makes it.
import { randomBytes } from 'node:crypto'

/** The same in all ids that this process prints: ids are unique within a process, the whole is unique among processes. */
const processBits = randomBytes(8).readBigUInt64BE()

/**
 * The UUID of a message id: 58 random bits of this process, then the id's 64 bits, one to one. The version and variant fields take the six bits that are left.
 *
 * @example messageUuid(envelope.id) // '3f1c…-…-8…-…'
 */
export function messageUuid(id: bigint): string {
  const bits = BigInt.asUintN(64, id)
  // 48 bits of the process; version 8; 12 bits: 10 more of the process, 2 of the id; variant 10; the other 62 bits of the id.
  const text = [
    (processBits >> 16n).toString(16).padStart(12, '0'),
    (0x8000n | ((processBits & 0x3ffn) << 2n) | (bits >> 62n)).toString(16),
    ((0b10n << 62n) | (bits & ((1n << 62n) - 1n))).toString(16).padStart(16, '0'),
  ].join('')
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-')
}
