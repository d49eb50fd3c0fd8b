// What is written to fds 1 and 2 of this process, by children, native libraries and workers: read here, in the wire worker, also while
// the main thread blocks. Knows descriptors and text, not messages.

import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { bufferLines, duplicatePrivately, duplicateTo, flushNativeOutput, makeBlocking, makeNonBlocking, openPipe, readNow } from './libc.js'
import { TextFrameReader } from './text-frames.js'
import type { Piece } from './text-frames.js'

const chunkBytes = 65_536
/** A drain ends here even when the writer never stops: 1,024 chunks are 64 MiB. */
const drainChunksMax = 1_024

export interface CapturedOutput {
  /** Copies of the descriptors that were there before. */
  readonly realStdout: number
  readonly realStderr: number
  /** Reads all that is there now, without waiting. */
  drain(): void
  /** Between two cells: also what C's stdout holds back; and undoes what a child did to the descriptors. */
  settle(): void
}

/** Puts pipes on fds 1 and 2 and gives what comes through them to `listener`, taken apart. They stay until the process ends. */
export function captureOutput(mark: Uint8Array, listener: (pieces: readonly Piece[]) => void): CapturedOutput {
  const realStdout = duplicatePrivately(1), realStderr = duplicatePrivately(2)
  const out = captureOne(1, new TextFrameReader(mark, 'stdout'), listener), err = captureOne(2, new TextFrameReader(mark, 'stderr'), listener)
  bufferLines()
  return {
    realStdout, realStderr,
    drain() {
      out.drain()
      err.drain()
    },
    settle() {
      flushNativeOutput()
      out.drain()
      err.drain()
      // Node makes a pipe non-blocking when it opens process.stdout on it, and children share that setting.
      makeBlocking(1)
      makeBlocking(2)
    },
  }
}

function captureOne(fd: 1 | 2, reader: TextFrameReader, listener: (pieces: readonly Piece[]) => void): { drain(): void } {
  const { readEnd, writeEnd } = openPipe()
  duplicateTo(writeEnd, fd)
  closeSync(writeEnd)
  makeNonBlocking(readEnd)
  const deliver = (bytes: Buffer): void => {
    const pieces = reader.read(bytes)
    if (pieces.length > 0) listener(pieces)
  }
  const socket = new Socket({ fd: readEnd, readable: true, writable: false })
  socket.on('data', deliver)
  socket.on('error', () => undefined)
  const chunk = Buffer.allocUnsafe(chunkBytes)
  return {
    drain() {
      for (let chunks = 0; chunks < drainChunksMax; chunks++) {
        const bytes = readNow(readEnd, chunk)
        if (bytes <= 0) return
        deliver(chunk.subarray(0, bytes))
      }
    },
  }
}
