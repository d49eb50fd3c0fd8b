// Where the session's output leaves the main thread: posted to the wire worker at once, so that it shows while the cell still holds main.

import type { MessagePort } from 'node:worker_threads'
import type { OutputSink } from '../session/front-end.js'
import { Board } from './link.js'
import type { ToWire } from './link.js'
import { bundleText } from './outcome-text.js'

/** Main waits when so much text is on its way: `while (true) console.log(…)` must not fill the memory. */
const pendingCharactersMax = 1 << 20
/** A message costs the worker as much time as this many characters do. */
const messageCharacters = 256
/** One wait; bounded so that a terminated worker cannot hold main for ever. */
const waitMs = 50
const waitsMax = 200

export function wireSink(board: Int32Array, post: (message: ToWire, transfer?: MessagePort[]) => void): OutputSink {
  return {
    stream(token, name, text) {
      const characters = text.length + messageCharacters
      post({ kind: 'stream', token, name, text, characters })
      let pending = Atomics.add(board, Board.streamCharactersPending, characters) + characters
      for (let waits = 0; pending > pendingCharactersMax && waits < waitsMax; waits++) {
        Atomics.wait(board, Board.streamCharactersPending, pending, waitMs)
        pending = Atomics.load(board, Board.streamCharactersPending)
      }
    },
    display(token, bundle, options = {}) {
      post({ kind: 'display', token, dataText: bundleText(bundle), metadataText: bundleText(options.metadata ?? {}), displayId: options.displayId, update: options.update ?? false })
    },
    clear(token, wait) { post({ kind: 'clear', token, wait }) },
    comm(token, comm, content, buffers = []) { post({ kind: 'comm', token, comm, contentText: JSON.stringify(content), buffers }) },
  }
}
