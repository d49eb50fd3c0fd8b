// Main's half of live figures: passes on what to follow; the wire worker draws (live-figures.ts), also while main blocks.

import type { LiveHost } from '../session/live-host.js'
import type { ToWire } from './link.js'

export function figureHost(post: (message: ToWire) => void, running: () => number | undefined): LiveHost {
  return {
    start(spec) {
      post({ kind: 'figure', token: running(), spec })
      let ended = false
      return {
        rows(rows) { post({ kind: 'figure rows', id: spec.id, rows }) },
        stop() {
          if (ended) return
          ended = true
          post({ kind: 'figure end', id: spec.id })
        },
      }
    },
  }
}
