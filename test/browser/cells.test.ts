// Cells run from the page of a real JupyterLab 4: results, type errors, completion, interrupt and restart, as a person meets them.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { part } from '../environment/read.js'
import { JupyterLabServer } from './jupyterlab.js'
import { writeNotebook } from './notebook-file.js'
import { NotebookPage, startBrowser } from './notebook-page.js'

const missing = part('python') === undefined || part('chromium') === undefined

describe.skipIf(missing)('a notebook in JupyterLab', () => {
  let server: JupyterLabServer
  let browser: Browser

  beforeAll(async () => {
    server = await JupyterLabServer.start()
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
  })

  async function open(name: string, cells: readonly string[]): Promise<NotebookPage> {
    return NotebookPage.open(browser, server, writeNotebook(server.folder, name, cells))
  }

  test('runs cells from the page: printed text, a result, a top-level await', async () => {
    const notebook = await open('run.ipynb', ['const greeting: string = "hello"\nconsole.log(greeting)', 'await Promise.resolve(greeting.length + 1)'])
    await notebook.runToEnd(0)
    await notebook.runToEnd(1)
    expect(await notebook.outputText(0)).toBe('hello')
    expect(await notebook.outputText(1)).toMatch(/6$/)
    await notebook.page.close()
  })

  test('shows a type error at its line and column, and the session goes on', async () => {
    const notebook = await open('types.ipynb', ['const good = 1\nconst count: number = "three"', '2 + 2'])
    await notebook.runToEnd(0)
    const shown = await notebook.outputText(0)
    expect(shown).toMatch(/cell \[1\]:2:7/)
    expect(shown).toContain("Type 'string' is not assignable to type 'number'.")
    await notebook.screenshot('type-error')
    await notebook.runToEnd(1)
    expect(await notebook.outputText(1)).toMatch(/4$/)
    await notebook.page.close()
  })

  test('completes the members of a value with Tab', async () => {
    const notebook = await open('complete.ipynb', ['const rings = { capacity: 64, depth: 3 }', ''])
    await notebook.runToEnd(0)
    await notebook.cell(1).locator('.cm-content').click()
    await notebook.page.keyboard.type('rings.cap')
    await notebook.page.keyboard.press('Tab')
    const offered = notebook.page.locator('.jp-Completer-item')
    await offered.filter({ hasText: 'capacity' }).waitFor()
    await notebook.page.keyboard.press('Enter')
    await notebook.cell(1).locator('.cm-content').filter({ hasText: 'rings.capacity' }).waitFor()
    await notebook.page.keyboard.press('ControlOrMeta+a')
    await notebook.page.keyboard.type('rings.')
    await notebook.page.keyboard.press('Tab')
    await offered.filter({ hasText: 'depth' }).waitFor()
    expect((await offered.allInnerTexts()).join(' ')).toMatch(/capacity[\s\S]*depth/)
    await notebook.screenshot('completion')
    await notebook.page.close()
  })

  test('the interrupt button stops an endless loop, and variables stay', async () => {
    const notebook = await open('interrupt.ipynb', ['const kept = 41', 'while (true) {}', 'kept + 1'])
    await notebook.runToEnd(0)
    await notebook.run(1)
    await notebook.cell(1).locator('.jp-InputPrompt').filter({ hasText: '[*]' }).waitFor()
    await notebook.interrupt()
    await notebook.ended(1)
    expect(await notebook.outputText(1)).toMatch(/interrupt|stopped/i)
    await notebook.runToEnd(2)
    expect(await notebook.outputText(2)).toMatch(/42$/)
    await notebook.page.close()
  })

  test('a restart forgets the names and keeps the notebook usable', async () => {
    const notebook = await open('restart.ipynb', ['const before = 1', 'before + 1'])
    await notebook.runToEnd(0)
    await notebook.restart()
    await notebook.run(1)
    await notebook.ended(1)
    expect(await notebook.outputText(1)).toContain("Cannot find name 'before'")
    await notebook.runToEnd(0)
    await notebook.runToEnd(1)
    expect(await notebook.outputText(1)).toMatch(/2$/)
    await notebook.page.close()
  })
})

describe.skipIf(missing)('the end of a server', () => {
  test('leaves no process of a Jupyter kernel behind, also one that loops for ever', async () => {
    const server = await JupyterLabServer.start()
    const browser = await startBrowser()
    const notebook = await NotebookPage.open(browser, server, writeNotebook(server.folder, 'loop.ipynb', ['console.log("in")\nwhile (true) {}']))
    await notebook.run(0)
    await notebook.outputs(0).getByText('in').waitFor()
    expect(server.kernelProcesses()).toHaveLength(1)
    await browser.close()
    await server.stop()
    expect(server.kernelProcesses()).toEqual([])
  })
})
