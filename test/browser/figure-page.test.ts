// A live figure's displays in a page: whatever order they arrive in, one plot that keeps its node and its reader's zoom.
import { mkdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { LiveQueues } from '#ringlab/view/live-queues.js'
import type { LiveSpec } from '#ringlab/view/live-spec.js'
import type { ActorCounters } from '#ringlab/ring/counters.js'
import { part } from '../environment/read.js'
import { output } from '../environment/paths.js'
import { startBrowser } from './notebook-page.js'
import { openPage } from './output-area.js'

const screenshots = `${output}screenshots/`
const here = part('chromium') !== undefined
let browser: Browser
beforeAll(async () => { mkdirSync(screenshots, { recursive: true }); if (here) browser = await startBrowser() })
afterAll(async () => { if (here) await browser.close() })

/** A live view of ring kernels whose depth rises by one at each sample. */
function liveView(id: string, ids: readonly string[] = ['summer']): { live: LiveQueues; tick: (count?: number) => void } {
  let clock = 0
  let depth = 0
  const rows = ids.map((name) => ({ id: name, device: 'cpu', arena: new SharedArrayBuffer(8), controlOffset: 0, inputCapacity: 64, outputCapacity: 64 }))
  const spec: LiveSpec = { kind: 'queues', id, displayId: `${id}-display`, updateDisplayId: `${id}-update`, rows, seconds: 60 }
  const read = (): ActorCounters => ({ state: 'ACTIVE', inputDepth: depth % 60, outputDepth: (depth >> 1) % 30, inputDepthMax: Math.min(depth, 59), outputDepthMax: Math.min(depth >> 1, 29), processed: depth * 3, sent: depth, dropped: 0, errors: 0 })
  const live = new LiveQueues(spec, read)
  const tick = (count = 1): void => { for (let i = 0; i < count; i++) { live.sample(clock); clock += 100; depth++ } }
  tick()
  return { live, tick }
}

const points = (page: Page, id: string): Promise<number> => page.evaluate((name) => ((document.getElementById(`ringlab-plot-${name}`) as unknown as { data?: { x: number[] }[] } | null)?.data ?? []).reduce((most, trace) => Math.max(most, trace.x.length), 0), id)
const mark = (page: Page, id: string): Promise<void> => page.evaluate((name) => { (document.getElementById(`ringlab-plot-${name}`) as unknown as { marked: string }).marked = 'same' }, id)
const marked = (page: Page, id: string): Promise<string | undefined> => page.evaluate((name) => (document.getElementById(`ringlab-plot-${name}`) as unknown as { marked?: string } | null)?.marked, id)
const range = (page: Page, id: string): Promise<number[]> => page.evaluate((name) => [...(document.getElementById(`ringlab-plot-${name}`) as unknown as { layout: { xaxis: { range: number[] } } }).layout.xaxis.range], id)
/** A reader's zoom: the mouse drawn over the middle of the plot. */
async function dragAcross(page: Page, id: string): Promise<void> {
  const box = await page.locator(`#ringlab-plot-${id} .nsewdrag`).first().boundingBox()
  if (box === null) throw new Error('no plot to drag in')
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.5)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.5, { steps: 5 })
  await page.mouse.up()
}
const frame = (live: LiveQueues): Record<string, unknown> => { const bundle = live.frame(); if (bundle === undefined) throw new Error('no frame'); return bundle }

test.skipIf(!here)('the points grow in the same node, the reader’s zoom stays, and the final figure goes on in that node', async () => {
  const { page, errors, show } = await openPage(browser)
  const { live, tick } = liveView('one')
  await show('first', live.opening())
  await show('hidden', LiveQueues.boot())
  await show('hidden', frame(live))
  await mark(page, 'one')
  expect(await points(page, 'one')).toBe(1)
  tick(20); await show('hidden', frame(live))
  expect(await points(page, 'one')).toBe(21)
  await dragAcross(page, 'one')
  const zoomed = await range(page, 'one')
  expect(zoomed[0]).toBeGreaterThan(0.1)
  tick(20); await show('hidden', frame(live))
  expect(await range(page, 'one')).toEqual(zoomed)
  expect(await points(page, 'one')).toBe(41)
  await page.screenshot({ path: `${screenshots}figure-live-light.png` })
  await show('first', live.final())
  await show('hidden', LiveQueues.closing())
  expect(await marked(page, 'one')).toBe('same')
  expect(await page.evaluate(() => document.querySelectorAll('script').length)).toBeLessThan(4)
  expect(await page.evaluate(() => document.documentElement.outerHTML.length)).toBeLessThan(400_000)
  expect(errors).toEqual([])
})

test.skipIf(!here)('a frame and a figure that arrive before the library are drawn when it comes, also two figures at once', async () => {
  const { page, errors, show } = await openPage(browser, { dark: true })
  const [a, b] = [liveView('a', ['summer', 'smooth']), liveView('b')]
  await show('first-a', a.live.opening())
  await show('first-b', b.live.opening())
  expect(await page.evaluate(() => document.querySelectorAll('.ringlab-figure svg').length)).toBe(2)
  a.tick(5); await show('hidden-a', frame(a.live))
  b.tick(9); await show('hidden-b', frame(b.live))
  await show('hidden-a', LiveQueues.boot())
  await show('hidden-b', LiveQueues.boot())
  expect([await points(page, 'a'), await points(page, 'b')]).toEqual([6, 10])
  a.tick(60); await show('hidden-a', frame(a.live))
  await page.screenshot({ path: `${screenshots}figure-live-dark.png` })
  expect(await points(page, 'a')).toBe(66)
  expect(errors).toEqual([])
})

test.skipIf(!here)('a page with a module loader and a Plotly of its own keeps both', async () => {
  const { page, errors, show } = await openPage(browser, { head: 'window.defined=0;window.define=function(){window.defined++};window.define.amd={};window.Plotly={version:"mine"};window.moduleName="mine"' })
  const { live } = liveView('amd')
  await show('first', live.opening())
  await show('hidden', LiveQueues.boot())
  await show('hidden', frame(live))
  expect(await points(page, 'amd')).toBe(1)
  expect(await page.evaluate(() => { const page = window as unknown as { defined: number; Plotly: { version: string }; moduleName: string }; return [page.defined, page.Plotly.version, page.moduleName] })).toEqual([0, 'mine', 'mine'])
  expect(errors).toEqual([])
})

test.skipIf(!here)('a page without the library, as after a reload, shows the saved picture, and frames of a figure that is not there are ignored', async () => {
  const { page, errors, show } = await openPage(browser)
  const { live, tick } = liveView('saved')
  tick(30)
  await show('hidden', frame(live))
  await show('first', live.final())
  expect(await page.evaluate(() => document.querySelectorAll('#ringlab-plot-saved svg path').length)).toBeGreaterThan(3)
  expect(errors).toEqual([])
})
