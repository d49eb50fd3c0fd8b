// The format that keeps all writers of fd 1 in one order.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TextFrameReader, textFrames } from '#ringlab/jupyter/text-frames.js'
import type { Piece } from '#ringlab/jupyter/text-frames.js'

const mark = Buffer.from([0, 1, 2, 3, 250, 251, 252, 253])
const writer = fc.oneof(
  fc.record({ kind: fc.constant('main' as const), token: fc.nat(5), name: fc.constantFrom('stdout' as const, 'stderr' as const), text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }) }),
  fc.record({ kind: fc.constant('other' as const), text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(text => !text.includes('\0')) }),
)

test('frames and others\' bytes come apart in order, wherever the pipe is cut', () => {
  fc.assert(fc.property(fc.array(writer, { maxLength: 20 }), fc.array(fc.nat(200), { maxLength: 40 }), (writers, cuts) => {
    const bytes = Buffer.concat(writers.flatMap((each, index) => each.kind === 'main' ? textFrames(mark, each.token, index, each.name, each.text) : [Buffer.from(each.text)]))
    const reader = new TextFrameReader(mark, 'stdout')
    const pieces: Piece[] = []
    let at = 0
    for (const cut of [...cuts, bytes.length]) {
      pieces.push(...reader.read(bytes.subarray(at, at + cut)))
      at = Math.min(bytes.length, at + cut)
    }
    expect(joined(pieces)).toEqual(joined(writers.map((each, index) => each.kind === 'main' ? { token: each.token, after: index, name: each.name, text: each.text } : { token: undefined, after: 0, name: 'stdout' as const, text: each.text })))
  }))
})

test('no frame is longer than a pipe writes in one piece, and no character is cut', () => {
  const text = '🎉ü'.repeat(5_000)
  const frames = textFrames(mark, 1, 0, 'stdout', text)
  expect(frames.length).toBeGreaterThan(7)
  for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(4_096)
  expect(new TextFrameReader(mark, 'stdout').read(Buffer.concat(frames)).map(piece => piece.text).join('')).toBe(text)
})

/** Neighbours of one origin are one text: how a pipe is cut says nothing. */
function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = []
  for (const piece of pieces) {
    const last = all.at(-1)
    if (last !== undefined && last.token === piece.token && last.after === piece.after && last.name === piece.name) all[all.length - 1] = { ...last, text: last.text + piece.text }
    else all.push(piece)
  }
  return all
}
