// Loaded first in each Worker that user code starts: its console writes straight to fds 1 and 2, which the wire worker reads.
// By default a Worker's output travels through the main thread, and would wait as long as a cell holds it.

import fs = require('node:fs')
import threads = require('node:worker_threads')
import type { Writable } from 'node:stream'

/** A full pipe that someone made non-blocking is tried again after this long. */
const retryMs = 1
const pause = new Int32Array(new SharedArrayBuffer(4))

function writeAll(fd: number, chunk: Uint8Array): void {
  for (let offset = 0; offset < chunk.length;) {
    try {
      offset += fs.writeSync(fd, chunk, offset)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(pause, 0, 0, retryMs)
    }
  }
}

function redirect(stream: Writable, fd: number): void {
  stream._write = (chunk: Uint8Array | string, encoding, done) => {
    try {
      writeAll(fd, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)
      done()
    } catch (error) {
      done(error as Error)
    }
  }
  stream._writev = (chunks, done) => {
    try {
      for (const { chunk, encoding } of chunks as { chunk: Uint8Array | string; encoding: BufferEncoding }[]) writeAll(fd, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)
      done()
    } catch (error) {
      done(error as Error)
    }
  }
}

if (!threads.isMainThread) {
  redirect(process.stdout, 1)
  redirect(process.stderr, 2)
}
