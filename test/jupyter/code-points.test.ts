// Positions between Jupyter (code points) and JavaScript (UTF-16 units).

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toCodePoints, toUtf16 } from '#ringlab/jupyter/code-points.js'

test('both directions agree with the string iterator, for any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.nat(30), (text, position) => {
    const points = Array.from(text)
    const codePoints = Math.min(position, points.length)
    const offset = points.slice(0, codePoints).join('').length
    expect(toUtf16(text, codePoints)).toBe(offset)
    expect(toCodePoints(text, offset)).toBe(codePoints)
  }))
})

test('past the end is the end', () => {
  expect(toUtf16('a🎉', 99)).toBe(3)
  expect(toCodePoints('a🎉', 99)).toBe(2)
})
