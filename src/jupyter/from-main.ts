// What the main thread tells the wire worker, turned into messages for the clients. The other direction is in requests.ts.

import type { MessagePort } from 'node:worker_threads'
import type { CommTable } from './comms.js'
import type { ExecuteQueue } from './execute-queue.js'
import type { Codec } from './frames.js'
import type { Interrupter } from './interrupt.js'
import type { Iopub } from './iopub.js'
import type { Leaving } from './leaving.js'
import type { LiveFigures } from './live-figures.js'
import type { ToWire } from './link.js'
import type { Sender } from './sockets.js'
import type { OpenPrompt } from './stdin.js'

export interface MainListenerParts {
  readonly iopub: Iopub
  readonly queue: ExecuteQueue
  readonly comms: CommTable
  readonly prompt: OpenPrompt
  readonly interrupter: Interrupter
  readonly leaving: Leaving
  readonly figures: () => Promise<LiveFigures>
  readonly stdin: Sender
  readonly codec: Codec
  languageReady(port: MessagePort): void
  interrupt(): void
}

/** The listener for main's messages. */
export function mainListener(parts: MainListenerParts): (message: ToWire) => void {
  const { iopub, queue, comms, interrupter, leaving, figures } = parts
  const parentOf = (token: number): string => queue.parentOf(token) ?? '{}'
  return message => {
    switch (message.kind) {
      case 'display': iopub.publish({ type: message.update ? 'update_display_data' : 'display_data', parentText: parentOf(message.token), contentText: displayText(message) }); return
      case 'clear': iopub.publish({ type: 'clear_output', parentText: parentOf(message.token), contentText: JSON.stringify({ wait: message.wait }) }); return
      case 'comm': comms.fromSession(iopub, parentOf(message.token), message); return
      case 'comm handled': comms.onHandled(message.id); return
      case 'done': queue.done(message.token, message.outcome); return
      case 'alive': interrupter.onAlive(message.probe); return
      case 'prompt': askClient(parts, message); return
      case 'figure': {
        const parentText = (message.token === undefined ? queue.newestParent : queue.parentOf(message.token)) ?? '{}'
        void figures().then(live => { live.start(message.spec, parentText) })
        return
      }
      case 'figure rows': void figures().then(live => { live.rows(message.id, message.rows) }); return
      case 'figure end': void figures().then(live => { live.stop(message.id) }); return
      case 'sigint': parts.interrupt(); return
      case 'ready': parts.languageReady(message.language); return
      case 'stopped': leaving.onStopped(); return
      case 'left': leaving.onMainLeft(message.code); return
    }
  }
}

function displayText(message: ToWire & { kind: 'display' }): string {
  const transient = message.displayId === undefined ? '{}' : JSON.stringify({ display_id: message.displayId })
  return `{"data":${message.dataText},"metadata":${message.metadataText},"transient":${transient}}`
}

function askClient(parts: MainListenerParts, message: ToWire & { kind: 'prompt' }): void {
  parts.prompt.open(message.answer)
  const job = parts.queue.runningJob
  if (job === undefined || parts.queue.running !== message.token || !parts.queue.runningAllowsInput) {
    parts.prompt.refuse('prompt() needs a front end that takes input; this one does not (allow_stdin is false)')
    return
  }
  parts.iopub.flush()
  const contentText = JSON.stringify({ prompt: message.text, password: message.password })
  parts.stdin.send(parts.codec.encode(job.incoming.identities, { type: 'input_request', parentText: job.incoming.headerText, contentText }))
}
