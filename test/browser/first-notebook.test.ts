// The first notebook as a newcomer meets it in JupyterLab: Run All works, twice, after a restart too, and gives what the saved notebook shows.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readNotebook, sourceOf, type CodeCell } from '#ringlab/cli/run/notebook.js'
import { root } from '../environment/paths.js'
import { part } from '../environment/read.js'
import { JupyterLabServer } from './jupyterlab.js'
import { NotebookPage, startBrowser } from './notebook-page.js'

const name = '01-first-ring-kernel.ipynb'
const file = join(root, 'notebooks', name)

describe.skipIf(part('python') === undefined || part('chromium') === undefined)('the first notebook', () => {
  let server: JupyterLabServer
  let browser: Browser
  beforeAll(async () => {
    server = await JupyterLabServer.start([file])
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
    expect(server.kernelProcesses()).toEqual([])
  })

  test('runs from top to bottom, twice and after a restart, with the outputs that were saved', async () => {
    const notebook = await NotebookPage.open(browser, server, name)
    const saved = savedTexts()
    expect(saved.filter((text) => text !== '').length).toBeGreaterThanOrEqual(5)
    for (const round of ['first', 'again', 'restarted']) {
      if (round === 'restarted') await notebook.restart()
      await notebook.runAll()
      expect(await comparedTexts(notebook, saved), round).toEqual(saved)
    }
    await notebook.save()
    await pictures(notebook)
    await notebook.page.close()
  })

  test('keeps its figures in the saved file, as drawings that need no script', () => {
    const bundles = codeCells(join(server.folder, name)).flatMap((cell) => cell.outputs).flatMap((output) => ('data' in output ? [output.data] : []))
    expect(bundles.filter((data) => 'image/svg+xml' in data)).toHaveLength(2)
    expect(readFileSync(join(server.folder, name)).length).toBeLessThan(200_000)
  })
})

/** Code cells only, with the place each has among all cells. */
function codeCells(path: string): (CodeCell & { place: number })[] {
  return readNotebook(path).cells.flatMap((cell, place) => (cell.cell_type === 'code' ? [{ ...cell, place }] : []))
}

/** What is compared: printed text and plain results. Figures draw what this machine measured, and count as empty. */
function savedTexts(): string[] {
  return codeCells(file).map((cell) => cell.outputs.map((output) => {
    if (output.output_type === 'stream') return output.text.join('')
    return 'data' in output && !('image/svg+xml' in output.data) ? sourceOf({ source: output.data['text/plain'] as string[] }) : ''
  }).join('').trim())
}

async function comparedTexts(notebook: NotebookPage, saved: readonly string[]): Promise<string[]> {
  const texts: string[] = []
  for (const [index, { place }] of codeCells(file).entries()) texts.push(saved[index] === '' ? '' : await notebook.outputText(place))
  return texts
}

/** For a person to look at; the one of the figure is the README's. */
async function pictures(notebook: NotebookPage): Promise<void> {
  const figure = codeCells(file).find((cell) => sourceOf(cell).includes('%queues'))?.place ?? 0
  const buffer = codeCells(file).find((cell) => sourceOf(cell).includes('%buffer'))?.place ?? 0
  await notebook.page.keyboard.press('Escape')
  await notebook.page.locator('.jp-SideBar [data-id="filebrowser"], .jp-SideBar [title^="File Browser"]').first().click()
  for (const [place, name] of [[0, 'top'], [buffer, 'buffer'], [figure, 'figure']] as const) {
    await notebook.show(place)
    await notebook.screenshot(`first-notebook-${name}`)
  }
}
