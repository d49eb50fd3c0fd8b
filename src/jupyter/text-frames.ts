// Text of cells in the pipe behind fd 1, where children and native code write too: so that all of it keeps one order. Main writes each text
// as frames; the wire worker takes the pipe apart again into frames and the bytes of others. Both halves of the format are here.

import { StringDecoder } from 'node:string_decoder'

export type StreamName = 'stdout' | 'stderr'

/** Writes up to this size are never mixed with another writer's (POSIX PIPE_BUF, Linux). */
const atomicBytes = 4_096
/** mark, token, messages before, stream, length */
const headerBytes = 8 + 4 + 4 + 1 + 2

export interface Piece {
  readonly name: StreamName
  readonly text: string
  /** The cell; undefined for what others wrote. */
  readonly token: number | undefined
  /** How many messages main had posted when it wrote this. */
  readonly after: number
}

/** The frames of one text. `mark` tells frames from other bytes: eight random bytes agreed at start. */
export function textFrames(mark: Uint8Array, token: number, after: number, name: StreamName, text: string): Buffer[] {
  const bytes = Buffer.from(text)
  const frames: Buffer[] = []
  for (let start = 0; start < bytes.length;) {
    let end = Math.min(bytes.length, start + atomicBytes - headerBytes)
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
    const frame = Buffer.allocUnsafe(headerBytes + end - start)
    frame.set(mark, 0)
    frame.writeUInt32LE(token, 8)
    frame.writeUInt32LE(after, 12)
    frame.writeUInt8(name === 'stdout' ? 1 : 2, 16)
    frame.writeUInt16LE(end - start, 17)
    bytes.copy(frame, headerBytes, start, end)
    frames.push(frame)
    start = end
  }
  return frames
}

/** Takes a pipe's bytes, cut anywhere, and gives its pieces in order. */
export class TextFrameReader {
  readonly #mark: Buffer
  readonly #decoder = new StringDecoder('utf8')
  #rest: Buffer = Buffer.alloc(0)

  constructor(mark: Uint8Array, private readonly foreignName: StreamName) { this.#mark = Buffer.from(mark) }

  read(chunk: Buffer): Piece[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const pieces: Piece[] = []
    let at = 0
    for (;;) {
      const found = bytes.indexOf(this.#mark, at)
      const foreignEnd = found >= 0 ? found : bytes.length - this.#markBegunAtEnd(bytes, at)
      this.#foreign(bytes.subarray(at, foreignEnd), pieces)
      at = foreignEnd
      if (found < 0 || bytes.length < at + headerBytes) break
      const end = at + headerBytes + bytes.readUInt16LE(at + 17)
      if (bytes.length < end) break
      pieces.push({ token: bytes.readUInt32LE(at + 8), after: bytes.readUInt32LE(at + 12), name: bytes[at + 16] === 1 ? 'stdout' : 'stderr', text: bytes.toString('utf8', at + headerBytes, end) })
      at = end
    }
    this.#rest = Buffer.from(bytes.subarray(at))
    return pieces
  }

  #foreign(bytes: Buffer, pieces: Piece[]): void {
    const text = bytes.length === 0 ? '' : this.#decoder.write(bytes)
    if (text !== '') pieces.push({ token: undefined, after: 0, name: this.foreignName, text })
  }

  /** How many of the last bytes may be the beginning of a mark. */
  #markBegunAtEnd(bytes: Buffer, from: number): number {
    for (let length = Math.min(this.#mark.length - 1, bytes.length - from); length > 0; length--) {
      if (bytes.subarray(bytes.length - length).equals(this.#mark.subarray(0, length))) return length
    }
    return 0
  }
}
