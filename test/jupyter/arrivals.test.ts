// Text and messages come on two ways and leave in the order in which main sent them, whichever way is looked at first.

import fc from 'fast-check'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { Arrivals } from '#ringlab/jupyter/arrivals.js'
import { Board } from '#ringlab/jupyter/link.js'
import type { NumberedToWire } from '#ringlab/jupyter/link.js'
import type { Piece } from '#ringlab/jupyter/text-frames.js'

/** What main does, and when the wire worker looks at which way. */
const step = fc.constantFrom('text' as const, 'message' as const, 'lost count' as const, 'look at the pipe' as const, 'look at the port' as const)

test('any mix of texts, messages and looks keeps the order', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), steps => {
    const { port1: main, port2: wire } = new MessageChannel()
    const sent: string[] = [], arrived: string[] = []
    let pipe: Piece[] = [], posted = 0
    const readPipe = (): void => {
      const pieces = pipe
      pipe = []
      arrivals.pieces(pieces)
    }
    // Messages that the listener has not had yet lie in a real port, from which the arrivals may fetch them.
    const arrivals = new Arrivals(new Int32Array(Board.words), wire, message => { arrived.push(JSON.stringify(message)) }, piece => { arrived.push(piece.text) }, readPipe)
    for (const [index, what] of steps.entries()) {
      if (what === 'text') {
        pipe.push({ name: 'stdout', text: `text ${index}`, token: 1, after: posted })
        sent.push(`text ${index}`)
      } else if (what === 'message' || what === 'lost count') {
        const message = { kind: 'comm handled' as const, id: index }
        main.postMessage({ message, number: posted + 1 } satisfies NumberedToWire)
        sent.push(JSON.stringify(message))
        // An interrupt between posting and counting: the next message has the same number.
        if (what === 'message') posted++
      } else if (what === 'look at the pipe') readPipe()
      else {
        deliver(wire, arrivals)
      }
    }
    deliver(wire, arrivals)
    readPipe()
    main.close()
    if (!steps.includes('lost count')) expect(arrived).toEqual(sent)
    expect([...arrived].sort()).toEqual([...sent].sort())
  }))
})

/** As Node does: one message after the other, the rest still in the port. */
function deliver(port: MessagePort, arrivals: Arrivals): void {
  for (;;) {
    const next = receiveMessageOnPort(port) as { message: NumberedToWire } | undefined
    if (next === undefined) return
    arrivals.message(next.message)
  }
}
