// Jupyter messages as ZeroMQ frames: encoding, decoding, signing, and refusing what is malformed, badly signed or replayed.
// Pure: no sockets, no meaning of message types. https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol

import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'

export const protocolVersion = '5.4'
const delimiter = Buffer.from('<IDS|MSG>')
/** Signatures remembered against replays; jupyter_client keeps as many (Session.digest_history_size). */
const signaturesKeptMax = 65_536

export interface Header { readonly msg_id: string; readonly msg_type: string; readonly session?: string; readonly subshell_id?: string | null }

export interface Incoming {
  readonly identities: readonly Buffer[]
  readonly header: Header
  /** The header's own JSON: replies carry it back as their parent, byte for byte. */
  readonly headerText: string
  readonly metadata: Record<string, unknown>
  readonly content: Record<string, unknown>
  readonly buffers: readonly Buffer[]
}

export interface Outgoing {
  readonly type: string
  /** JSON of the parent's header; `{}` for a message nobody asked for. */
  readonly parentText: string
  /** JSON of the content. */
  readonly contentText: string
  readonly metadataText?: string
  readonly buffers?: readonly Uint8Array[]
}

/** Signs what goes out and judges what comes in, for one connection. */
export class Codec {
  readonly #seen = new Set<string>()
  readonly #session = randomUUID()
  #sent = 0

  constructor(private readonly key: string, private readonly hash: string) {}

  encode(prefix: readonly (Buffer | string)[], message: Outgoing): (Uint8Array | string)[] {
    const header = JSON.stringify({
      msg_id: `${this.#session}_${++this.#sent}`, msg_type: message.type, session: this.#session, username: 'ringlab', version: protocolVersion, date: new Date().toISOString(),
    })
    const parts = [header, message.parentText, message.metadataText ?? '{}', message.contentText]
    return [...prefix, delimiter, this.#sign(parts), ...parts, ...(message.buffers ?? [])]
  }

  /** The message in these frames, or why it must be dropped. */
  decode(frames: readonly Buffer[]): Incoming | { readonly dropped: string } {
    const at = frames.findIndex(frame => frame.equals(delimiter))
    if (at < 0 || frames.length < at + 6) return { dropped: 'frames are missing' }
    const [signature, header, parent, metadata, content] = frames.slice(at + 1, at + 6) as [Buffer, Buffer, Buffer, Buffer, Buffer]
    const verdict = this.#judge(signature, [header, parent, metadata, content])
    if (verdict !== undefined) return { dropped: verdict }
    const headerFields = jsonObject(header), metadataFields = jsonObject(metadata), contentFields = jsonObject(content)
    if (headerFields === undefined || metadataFields === undefined || contentFields === undefined) return { dropped: 'a part is not a JSON object' }
    if (typeof headerFields['msg_type'] !== 'string' || typeof headerFields['msg_id'] !== 'string') return { dropped: 'the header has no msg_type or msg_id' }
    return {
      identities: frames.slice(0, at), header: headerFields as unknown as Header, headerText: header.toString(),
      metadata: metadataFields, content: contentFields, buffers: frames.slice(at + 6),
    }
  }

  #sign(parts: readonly (string | Buffer)[]): string {
    if (this.key === '') return ''
    const hmac = createHmac(this.hash, this.key)
    for (const part of parts) hmac.update(part)
    return hmac.digest('hex')
  }

  #judge(signature: Buffer, parts: readonly Buffer[]): string | undefined {
    if (this.key === '') return undefined
    const expected = Buffer.from(this.#sign(parts))
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return 'the signature is wrong'
    const text = signature.toString()
    if (this.#seen.has(text)) return 'it was sent before'
    this.#seen.add(text)
    if (this.#seen.size > signaturesKeptMax) for (const oldest of this.#seen) { this.#seen.delete(oldest); break }
    return undefined
  }
}

function jsonObject(frame: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(frame.toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : undefined
  } catch {
    return undefined
  }
}
