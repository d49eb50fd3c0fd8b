// Figures in a real JupyterLab: a live one that moves while a cell blocks, keeps its node, and stays as a picture; buffers in every form.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { part } from '../environment/read.js'
import { output } from '../environment/paths.js'
import { JupyterLabServer } from './jupyterlab.js'
import { NotebookPage, startBrowser } from './notebook-page.js'

const cells = [
  // Each message takes the device about half a millisecond, so that thousands keep it busy while the page looks on.
  `const Work = struct('Work', { id: u32, x: f64 })
const worker = ringKernel('worker', { input: Work, output: Work, capacity: 8192 }, { onMessage(m, ctx) { let s = 0; for (let i = 0; i < 600000; i++) s += Math.sqrt(i + m.x); ctx.send({ id: m.id, x: s }) } })
const runtime = new RingKernelRuntime({ device: 'cpu' })
const actor = await runtime.launch(worker)
for (let i = 0; i < 8000; i++) await actor.send({ id: i, x: i })
await actor.activate()`,
  'const figure = %queues --live 60',
  'const until = Date.now() + 5000; while (Date.now() < until); "unblocked"',
  'figure.stop()',
  `const values = Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i / 200) * Math.cos((i % 64) / 9))
%buffer values
%buffer --view histogram values
%buffer --view heatmap --width 64 values
%buffer --view line values
%buffer worker`,
  '%queues',
  'await runtime.shutdown()',
]

describe.skipIf(part('chromium') === undefined || part('python') === undefined)('figures in JupyterLab', () => {
  let server: JupyterLabServer
  let browser: Browser
  beforeAll(async () => { server = await JupyterLabServer.start(); browser = await startBrowser() })
  afterAll(async () => { await browser.close(); await server.stop() })

  test('a live figure’s points grow while a later cell blocks for five seconds, in the same node, and it stays as a picture', async () => {
    writeNotebook(server, 'live.ipynb')
    const notebook = await NotebookPage.open(browser, server, 'live.ipynb')
    const { page } = notebook
    await notebook.runToEnd(0)
    await notebook.runToEnd(1)
    await page.waitForFunction(() => document.querySelector('[id^="ringlab-plot-"] .main-svg') !== null)
    await page.evaluate(() => { (document.querySelector('[id^="ringlab-plot-"]') as HTMLElement & { marked?: string }).marked = 'same' })
    await notebook.run(2)
    await notebook.cell(2).locator('.jp-InputPrompt').filter({ hasText: '[*]' }).waitFor()
    const counts = await pointsWhileBlocked(page, notebook)
    expect(counts.at(-1)).toBeGreaterThanOrEqual((counts[0] ?? 0) + 20)
    expect(await page.evaluate(() => (document.querySelector('[id^="ringlab-plot-"]') as HTMLElement & { marked?: string }).marked)).toBe('same')
    await notebook.ended(2)
    await notebook.cell(1).scrollIntoViewIfNeeded()
    await notebook.screenshot('figures-live')
    await notebook.runToEnd(3)
    await page.waitForFunction(() => document.querySelector('[id^="ringlab-title-"]')?.textContent.includes('live') === false)
    for (const index of [4, 5]) await notebook.runToEnd(index)
    await notebook.cell(4).scrollIntoViewIfNeeded()
    await notebook.screenshot('figures-buffer')
    await notebook.cell(5).scrollIntoViewIfNeeded()
    await notebook.screenshot('figures-queues')
    await notebook.runToEnd(6)
    await page.keyboard.press('ControlOrMeta+s')
    const saved = await savedNotebook(server, 'live.ipynb')
    expectSavedFigures(saved)
    await page.close()
  })

  test('after a reload, in the dark theme, saved figures are there, and a new live figure gets its library again', async () => {
    await fetch(server.url().replace(/lab\/workspaces.*/, 'lab/api/settings/@jupyterlab/apputils-extension:themes?token=test'), { method: 'PUT', body: JSON.stringify({ raw: '{ "theme": "JupyterLab Dark" }' }) })
    const notebook = await NotebookPage.open(browser, server, 'live.ipynb')
    const { page } = notebook
    await page.waitForFunction(() => document.querySelectorAll('[id^="ringlab-plot-"] svg').length >= 5)
    expect(await page.evaluate(() => 'plotly' in ((window as unknown as { ringlabFigures?: object }).ringlabFigures ?? {}))).toBe(false)
    await notebook.cell(1).scrollIntoViewIfNeeded()
    await notebook.screenshot('figures-saved-dark')
    await notebook.cell(4).locator('img, svg').nth(1).scrollIntoViewIfNeeded()
    await notebook.screenshot('figures-buffer-dark')
    await notebook.runToEnd(0)
    await notebook.runToEnd(1)
    await page.waitForFunction(() => document.querySelector('[id^="ringlab-plot-"] .main-svg') !== null)
    await notebook.cell(1).scrollIntoViewIfNeeded()
    await notebook.screenshot('figures-live-dark')
    await notebook.runToEnd(3)
    await notebook.write(5, '%queues worker --live 2')
    await notebook.runToEnd(5)
    await notebook.outputs(5).getByText('Queue depths of 1 ring kernel', { exact: true }).waitFor()
    await notebook.runToEnd(6)
    await page.close()
  })

  test('an untrusted notebook runs no script and shows the pictures', async () => {
    const saved = JSON.parse(readFileSync(join(server.folder, 'live.ipynb'), 'utf8')) as SavedNotebook & { metadata: Record<string, unknown> }
    writeFileSync(join(server.folder, 'foreign.ipynb'), JSON.stringify({ ...saved, metadata: { ...saved.metadata, from: 'elsewhere' } }))
    const notebook = await NotebookPage.open(browser, server, 'foreign.ipynb')
    const { page } = notebook
    await page.waitForFunction(() => [...document.querySelectorAll<HTMLImageElement>('.ringlab-figure img')].filter((image) => image.naturalWidth > 300).length >= 5)
    expect(await page.evaluate(() => 'ringlabFigures' in window)).toBe(false)
    await notebook.cell(1).scrollIntoViewIfNeeded()
    await notebook.screenshot('figures-untrusted')
    await page.close()
  })

  test('nbconvert’s page shows the pictures with scripts off', async () => {
    execFileSync(part('python') ?? 'python3', ['-m', 'nbconvert', '--to', 'html', 'live.ipynb'], { cwd: server.folder, env: { ...process.env, ...server.environment() }, stdio: 'pipe' })
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1000, height: 1000 } })
    const page = await context.newPage()
    await page.goto(`file://${join(server.folder, 'live.html')}`)
    const image = page.locator('.ringlab-figure img').first()
    await image.scrollIntoViewIfNeeded()
    expect((await image.boundingBox())?.width).toBeGreaterThan(300)
    await page.screenshot({ path: `${output}screenshots/figures-nbconvert.png` })
    await context.close()
  })
})

/** The largest number of points of the live plot, several times while the cell blocks. */
async function pointsWhileBlocked(page: Page, notebook: NotebookPage): Promise<number[]> {
  const counts: number[] = []
  const read = (): Promise<number> => page.evaluate(() => Math.max(0, ...((document.querySelector('[id^="ringlab-plot-"]') as HTMLElement & { data?: { x: number[] }[] }).data ?? []).map((trace) => trace.x.length)))
  counts.push(await read())
  const begun = Date.now()
  while ((await notebook.cell(2).locator('.jp-InputPrompt').innerText()).includes('*') && Date.now() - begun < 4500) { counts.push(await read()); await page.waitForTimeout(200) }
  return counts
}

interface SavedOutput { output_type: string; data?: Record<string, unknown> }
interface SavedNotebook { cells: { outputs: SavedOutput[] }[] }

function expectSavedFigures(saved: SavedNotebook): void {
  const [first, hidden] = saved.cells[1]?.outputs ?? []
  expect(Object.keys(first?.data ?? {}).sort()).toEqual(['application/vnd.plotly.v1+json', 'image/svg+xml', 'text/html', 'text/plain'])
  // Saved texts are lists of lines, and an empty one is an empty list.
  expect(hidden?.data).toEqual({ 'text/html': [], 'text/plain': [] })
  for (const output of saved.cells.flatMap((cell) => cell.outputs)) expect(JSON.stringify(output).length).toBeLessThanOrEqual(60_500)
}

/** The notebook on disk once it was saved with its last cell's outputs. */
async function savedNotebook(server: JupyterLabServer, name: string): Promise<SavedNotebook> {
  const deadline = Date.now() + 15_000
  while (Date.now() < deadline) {
    const notebook = parsed(readFileSync(join(server.folder, name), 'utf8'))
    if ((notebook?.cells[5]?.outputs.length ?? 0) > 0) return notebook as SavedNotebook
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the notebook was not saved within 15 s')
}

/** A notebook's JSON, or undefined while the server is in the middle of writing it. */
function parsed(text: string): SavedNotebook | undefined {
  try { return JSON.parse(text) as SavedNotebook } catch { return undefined }
}

function writeNotebook(server: JupyterLabServer, name: string): void {
  writeFileSync(join(server.folder, name), JSON.stringify({
    cells: cells.map((source, index) => ({ cell_type: 'code', execution_count: null, id: `cell-${index}`, metadata: {}, outputs: [], source })),
    metadata: { kernelspec: { display_name: 'TypeScript (ringlab)', language: 'typescript', name: 'ringlab' }, language_info: { name: 'typescript' } }, nbformat: 4, nbformat_minor: 5 }))
}
