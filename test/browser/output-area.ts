// A page that treats displays as JupyterLab's output areas do (innerHTML, then every script element made anew so that it runs), without the
// rest of JupyterLab: for what must hold of a figure's HTML in whatever order its displays arrive.
import type { Browser, Page } from 'playwright-core'

declare global { interface Window { show(id: string, html: string): void } }

/** An empty page with `show(id, html)`. `head` runs first: a module loader, a page's own Plotly. */
export async function openPage(browser: Browser, options: { head?: string; dark?: boolean } = {}): Promise<{ page: Page; errors: string[]; show: (id: string, bundle: Record<string, unknown>) => Promise<void> }> {
  const page = await browser.newPage({ viewport: { width: 900, height: 900 } })
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()) })
  await page.setContent(`<!doctype html><meta charset="utf-8"><style>body{font:13px sans-serif;${options.dark === true ? 'background:#111111;color:#e0e0e0' : ''}}</style><script>${options.head ?? ''}</script><body></body>`)
  await page.evaluate(() => {
    window.show = (id, html) => {
      let host = document.getElementById(id)
      if (host === null) { host = document.createElement('div'); host.id = id; host.className = 'jp-OutputArea-child'; document.body.append(host) }
      host.innerHTML = html
      for (const script of Array.from(host.querySelectorAll('script'))) { const again = document.createElement('script'); again.textContent = script.textContent; script.replaceWith(again) }
    }
  })
  return { page, errors, show: async (id, bundle) => { await page.evaluate(([name, html]) => { window.show(name ?? '', html ?? '') }, [id, String(bundle['text/html'])]) } }
}
