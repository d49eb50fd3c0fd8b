// Text, scales and colours: what keeps labels readable, whole and harmless.
import { expect, test } from 'vitest'
import fc from 'fast-check'
import { muted, seriesColors } from '#ringlab/view/palette.js'
import { niceDomain, ticksOf } from '#ringlab/view/scale.js'
import { columnsOf, escaped, formatNumber, printable, scriptJson, shortened, wrapped } from '#ringlab/view/text.js'
import { bootScript } from '#ringlab/view/page/page.js'

test('numbers read as a person writes them', () => {
  expect([0, -0, 1234, -1234567, 0.1, 1e-7, 1.23456, NaN, Infinity, -Infinity, 2n ** 64n].map((value) => formatNumber(value)))
    .toEqual(['0', '−0', '1,234', '−1,234,567', '0.1', '1e−7', '1.235', 'NaN', '∞', '−∞', '18,446,744,073,709,551,616'])
})

test('no text can leave an element, an attribute or a script', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
    expect(escaped(text)).not.toMatch(/[<>"'\u0000-\u001f\u2028\ufffe]|&(?!#\d+;)/)
    expect(scriptJson({ text })).not.toMatch(/[<>\u2028\u2029]/)
    expect(JSON.parse(scriptJson({ text }))).toEqual({ text })
    expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
  }))
})

test('the library’s text cannot end its script element', () => {
  const script = bootScript('var a="</script><!--"')
  expect(script.match(/<\/script/g)).toHaveLength(1)
  expect(script).not.toContain('<!--')
})

test('shortened and wrapped texts stay within their columns and lose nothing but what the ellipsis shows', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 40 }), (text, columns) => {
    expect(columnsOf(shortened(text, columns))).toBeLessThanOrEqual(columns)
    for (const line of wrapped(text, columns)) expect(columnsOf(line)).toBeLessThanOrEqual(columns)
    expect(wrapped(text, columns).join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
  }))
})

test('an axis of any two ends has ticks inside them, few and ascending', () => {
  // Below 1e-290 doubles lose their digits one by one, and ticks with them.
  const ends = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }).map((end) => (Math.abs(end) < 1e-290 ? 0 : end))
  fc.assert(fc.property(ends, ends, (a, b) => {
    const domain = niceDomain(Math.min(a, b), Math.max(a, b))
    const ticks = ticksOf({ kind: 'linear', label: '', domain }, 6)
    expect(domain[0]).toBeLessThan(domain[1])
    expect(ticks.length).toBeLessThanOrEqual(14)
    ticks.forEach((tick, i) => { expect(tick.at).toBeGreaterThan(ticks[i - 1]?.at ?? -Infinity) })
  }))
})

test('every colour stands out on JupyterLab’s light and dark backgrounds, and from its neighbours for colour-blind eyes', () => {
  for (const color of [...seriesColors, muted]) for (const background of ['#ffffff', '#111111']) expect(contrast(color, background)).toBeGreaterThanOrEqual(color === muted ? 4 : 3)
  for (const matrix of [deuteranopia, protanopia]) {
    seriesColors.forEach((color, i) => { for (const other of seriesColors.slice(i + 1)) expect(difference(seen(color, matrix), seen(other, matrix)), `${color} and ${other}`).toBeGreaterThan(0.15) })
  }
})

/** Viénot, Brettel and Mollon (1999), linear RGB. */
const deuteranopia = [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]]
const protanopia = [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]]

function linear(color: string): number[] {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
}
function luminance(color: string): number { const [r = 0, g = 0, b = 0] = linear(color); return 0.2126 * r + 0.7152 * g + 0.0722 * b }
function contrast(a: string, b: string): number { const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y); return (high + 0.05) / (low + 0.05) }
function seen(color: string, matrix: number[][]): number[] { const rgb = linear(color); return matrix.map((row) => row.reduce((sum, weight, i) => sum + weight * (rgb[i] ?? 0), 0)) }
function difference(a: number[], b: number[]): number { return Math.hypot(...a.map((value, i) => Math.cbrt(Math.max(value, 0)) - Math.cbrt(Math.max(b[i] ?? 0, 0)))) }
