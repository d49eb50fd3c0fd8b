// The gallery: each figure in each form, written to test/output/gallery, and what must hold of every one of them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { figureBundle, savedBytesMax } from '#ringlab/view/bundle.js'
import { figureAnsi } from '#ringlab/view/write-ansi.js'
import { columnsOf } from '#ringlab/view/text.js'
import { gallery } from './gallery.js'
import { textsOfXml } from './xml.js'

const folder = new URL('../output/gallery/', import.meta.url)
const figures = gallery()
const bundles = Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, figureBundle(figure, name)]))
const form = (name: string, mime: string): string => { const text = bundles[name]?.[mime]; return typeof text === 'string' ? text : JSON.stringify(text ?? null) }

beforeAll(() => {
  mkdirSync(folder, { recursive: true })
  for (const [name, figure] of Object.entries(figures)) {
    writeFileSync(new URL(`${name}.svg`, folder), form(name, 'image/svg+xml'))
    writeFileSync(new URL(`${name}.html`, folder), `<!doctype html><meta charset="utf-8">${form(name, 'text/html')}`)
    writeFileSync(new URL(`${name}.txt`, folder), form(name, 'text/plain'))
    writeFileSync(new URL(`${name}.ansi`, folder), figureAnsi(figure, true))
    writeFileSync(new URL(`${name}.plotly.json`, folder), form(name, 'application/vnd.plotly.v1+json'))
  }
  writeFileSync(new URL('index.html', folder), page())
})

describe.each(Object.keys(figures))('%s', (name) => {
  test('is well-formed SVG in which no user text is markup and nothing lies outside the picture', () => {
    const svg = form(name, 'image/svg+xml')
    const texts = textsOfXml(svg)
    expect(svg).not.toContain('<script>')
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []
    expect(texts.length).toBeGreaterThan(0)
    for (const { x, y, anchor, pixels } of texts) {
      const left = anchor === 'end' ? x - pixels : anchor === 'middle' ? x - pixels / 2 : x
      expect(left).toBeGreaterThanOrEqual(-1)
      expect(left + pixels).toBeLessThanOrEqual(Number(width) + 1)
      expect(y).toBeLessThanOrEqual(Number(height))
    }
  })

  test('takes at most 80 columns in a terminal and sends it no control character', () => {
    for (const line of form(name, 'text/plain').split('\n')) expect(columnsOf(line), line).toBeLessThanOrEqual(80)
    expect(form(name, 'text/plain')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202a-\u202e]/)
  })

  test(`is saved in at most ${savedBytesMax} bytes`, () => {
    expect(Buffer.byteLength(JSON.stringify(bundles[name]))).toBeLessThanOrEqual(savedBytesMax)
  })
})

test('a user’s text never becomes markup, in any form', () => {
  const html = form('queues-hostile-names', 'text/html')
  expect(html.match(/<script>/g)).toHaveLength(1)
  expect(html).not.toContain('alert("1")</script>')
  expect(form('queues-hostile-names', 'application/vnd.plotly.v1+json')).not.toContain('<script>')
  expect(form('queues-hostile-names', 'text/plain')).toContain('<script>')
})

function page(): string {
  const entries = Object.keys(figures).map((name) => `<h2>${name}</h2><p>SVG as a file</p><img src="${name}.svg"><p>HTML</p>${form(name, 'text/html')}<p>Terminal</p><pre>${form(name, 'text/plain').replace(/[&<]/g, (c) => `&#${c.charCodeAt(0)};`)}</pre>`)
  const theme = (name: string, style: string): string => `body.${name}{${style}}`
  return `<!doctype html><meta charset="utf-8"><title>ringlab figures</title><style>body{font:13px sans-serif;margin:24px}pre{font:12px monospace}table{border-collapse:collapse}td,th{padding:2px 8px}${theme('dark', 'background:#111111;color:#e0e0e0')}</style><body><script>if(location.hash==='#dark')document.body.className='dark'</script><h1>Figures</h1>${entries.join('')}`
}
