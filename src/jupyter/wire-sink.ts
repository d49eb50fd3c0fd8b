// Where the session's output leaves the main thread: at once, so that it shows while the cell still holds main.

import type { OutputSink } from '../session/front-end.js'
import type { MainVoice } from './main-voice.js'
import { bundleText } from './outcome-text.js'

export function wireSink(voice: MainVoice): OutputSink {
  return {
    stream(token, name, text) { voice.print(token, name, text) },
    display(token, bundle, options = {}) {
      voice.post({ kind: 'display', token, dataText: bundleText(bundle), metadataText: bundleText(options.metadata ?? {}), displayId: options.displayId, update: options.update ?? false })
    },
    clear(token, wait) { voice.post({ kind: 'clear', token, wait }) },
    comm(token, comm, content, buffers = []) { voice.post({ kind: 'comm', token, comm, contentText: JSON.stringify(content), buffers }) },
  }
}
