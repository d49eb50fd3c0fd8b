// A notebook open in JupyterLab in headless Chromium, driven as a person does: keys, menus, buttons. The server lives in jupyterlab.ts.
import { mkdirSync } from 'node:fs'
import { chromium, type Browser, type Locator, type Page } from 'playwright-core'
import { part } from '../environment/read.js'
import { output } from '../environment/paths.js'
import type { JupyterLabServer } from './jupyterlab.js'

/** Longest wait for one thing in the page to happen. */
const pageMsMax = 60_000

/** Starts the Chromium of the test environment. Close it in `afterAll`. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(part('chromium') === undefined ? {} : { executablePath: part('chromium') as string }),
    // No sandbox: root in a container has none. The others keep Chromium from calling home.
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
}

/** One notebook in one tab. Cells are counted from 0, text cells included. */
export class NotebookPage {
  readonly page: Page
  private constructor(page: Page) { this.page = page }

  /** Opens a notebook of the server's folder and waits until its Jupyter kernel is idle. */
  static async open(browser: Browser, server: JupyterLabServer, notebook: string): Promise<NotebookPage> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    page.setDefaultTimeout(pageMsMax)
    await page.goto(server.url(notebook))
    await page.locator('.jp-Notebook .jp-Cell').first().waitFor()
    const open = new NotebookPage(page)
    await open.idle()
    return open
  }

  cell(index: number): Locator { return this.page.locator('.jp-Notebook .jp-Cell').nth(index) }
  /** Everything a cell put out, as one place in the page. */
  outputs(index: number): Locator { return this.cell(index).locator('.jp-OutputArea').first() }
  /** The text a cell put out, without prompts. Text content, since JupyterLab lays out only what is near the view. */
  async outputText(index: number): Promise<string> {
    return (await this.outputs(index).locator('.jp-OutputArea-output').allTextContents()).map((text) => text.trim()).join('\n').trim()
  }

  /** Runs one cell with Shift+Enter, without waiting for its end. */
  async run(index: number): Promise<void> {
    await this.cell(index).locator('.cm-content, .jp-RenderedMarkdown').first().click()
    await this.page.keyboard.press('Shift+Enter')
  }

  /** Runs one cell and waits for its end. */
  async runToEnd(index: number): Promise<void> {
    await this.run(index)
    await this.ended(index)
  }

  /** Waits until a code cell has ended: its prompt shows a number. */
  async ended(index: number): Promise<void> {
    await this.cell(index).locator('.jp-InputPrompt').filter({ hasText: /\[\d+\]/ }).waitFor()
  }

  /** Waits until the Jupyter kernel has nothing to do. */
  async idle(): Promise<void> {
    // The status bar says it from the kernel's own messages; the toolbar's circle is idle before there is a kernel.
    await this.page.locator('#jp-main-statusbar').getByText(/\| Idle$/).waitFor()
  }

  /** Writes `text` into a cell in place of what is there. */
  async write(index: number, text: string): Promise<void> {
    await this.cell(index).locator('.cm-content').click()
    await this.page.keyboard.press('ControlOrMeta+a')
    await this.page.keyboard.insertText(text)
  }

  /** An entry of the menu bar, e.g. `menu('Run', 'Run All Cells')`. */
  async menu(bar: string, entry: string): Promise<void> {
    await this.page.locator('.lm-MenuBar-itemLabel').getByText(bar, { exact: true }).click()
    await this.page.locator('.lm-Menu-itemLabel').getByText(entry, { exact: true }).click()
  }

  /** Run → Run All Cells, to the end of the last code cell. */
  async runAll(): Promise<void> {
    await this.menu('Run', 'Run All Cells')
    await this.page.locator('.jp-InputPrompt').filter({ hasText: '[*]' }).first().waitFor({ timeout: 5_000 }).catch(() => undefined)
    await this.page.waitForFunction(() => ![...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].some((prompt) => prompt.textContent.includes('[*]')))
    await this.idle()
  }

  /** The toolbar's interrupt button. */
  async interrupt(): Promise<void> {
    await this.page.locator('.jp-NotebookPanel-toolbar [data-jp-item-name="interrupt"] jp-button, .jp-NotebookPanel-toolbar [data-jp-item-name="interrupt"] button').first().click()
  }

  /** Kernel → Restart Kernel…, confirmed, until it is idle again. */
  async restart(): Promise<void> {
    await this.menu('Kernel', 'Restart Kernel…')
    await this.page.locator('.jp-Dialog button.jp-mod-accept').click()
    await this.page.locator('.jp-Dialog').waitFor({ state: 'detached' })
    await this.idle()
  }

  /** Saves with the keyboard, and waits until the tab shows no unsaved mark. */
  async save(): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+s')
    await this.page.locator('.lm-TabBar-tab.lm-mod-current.jp-mod-dirty').waitFor({ state: 'detached' })
  }

  /** Brings a cell to the top of the view, and waits until JupyterLab has laid it out. */
  async show(index: number): Promise<void> {
    await this.cell(index).evaluate(async (cell) => {
      cell.scrollIntoView({ block: 'start' })
      const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve))
      for (let frames = 0; frames < 120 && (frames < 3 || (cell as HTMLElement).innerText.trim() === ''); frames++) await frame()
    })
  }

  /** Keeps a picture of the page in test/output/screenshots. */
  async screenshot(name: string): Promise<void> {
    const folder = `${output}screenshots`
    mkdirSync(folder, { recursive: true })
    await this.page.screenshot({ path: `${folder}/${name}.png` })
  }
}
