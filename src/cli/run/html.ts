// The page that `ringlab run --html` writes: one file with everything in it, readable without a network and without scripts.
import { ansiHtml, escapeHtml } from './html-text.js'
import { markdownHtml } from './markdown.js'
import { sourceOf, type Notebook, type Output } from './notebook.js'

/** What is shown of an output, best first: a drawing needs no script, HTML may, text always works. */
const preferred = ['image/svg+xml', 'text/html', 'image/png', 'image/jpeg', 'text/markdown', 'application/json', 'text/plain'] as const

/** The whole page of a notebook that was run. The outputs are the notebook's own: HTML in them is kept as it is, all other text is escaped. */
export function notebookHtml(notebook: Notebook, title: string): string {
  const cells = notebook.cells.map((cell) => {
    if (cell.cell_type === 'raw') return ''
    if (cell.cell_type === 'markdown') return `<section class="text">${markdownHtml(sourceOf(cell))}</section>`
    const count = cell.execution_count === null ? '' : String(cell.execution_count)
    return `<section class="code"><div class="count">[${count}]</div><pre class="input"><code>${escapeHtml(sourceOf(cell))}</code></pre>${cell.outputs.map(outputHtml).join('')}</section>`
  })
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title>
<style>${style}</style></head>
<body><main>
${cells.filter((cell) => cell !== '').join('\n')}
</main></body>
</html>
`
}

function outputHtml(output: Output): string {
  switch (output.output_type) {
    case 'stream': return `<pre class="output ${output.name}">${ansiHtml(output.text.join(''))}</pre>`
    case 'error': return `<pre class="output error">${ansiHtml(output.traceback.join('\n'))}</pre>`
    case 'display_data':
    case 'execute_result': return bundleHtml(output.data)
  }
}

function bundleHtml(bundle: Record<string, unknown>): string {
  const type = preferred.find((candidate) => textOf(bundle[candidate]) !== '')
  if (type === undefined) return ''
  const text = textOf(bundle[type])
  switch (type) {
    case 'image/svg+xml':
    case 'text/html': return `<div class="output rich">${text}</div>`
    case 'image/png':
    case 'image/jpeg': return `<div class="output rich"><img alt="" src="data:${type};base64,${escapeHtml(text.replace(/\s/g, ''))}"></div>`
    case 'text/markdown': return `<div class="output rich">${markdownHtml(text)}</div>`
    case 'application/json':
    case 'text/plain': return `<pre class="output">${ansiHtml(text)}</pre>`
  }
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  return Array.isArray(value) && value.every((line) => typeof line === 'string') ? value.join('') : JSON.stringify(value, null, 2)
}

const style = `
:root{--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--field:#f6f8fa;--page:#fff;--accent:#3178c6;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--line:#3d444d;--field:#161b22;--page:#0d1117;--accent:#6cb6ff;--bad:#ff7b72}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:16px/1.6 system-ui,sans-serif}
main{max-width:52rem;margin:2rem auto;padding:0 1rem 0 3.5rem}
h1,h2,h3{line-height:1.25}a{color:var(--accent)}blockquote{margin:0;padding-left:1rem;border-left:3px solid var(--line);color:var(--soft)}
pre,code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{margin:.4rem 0;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}:not(pre)>code{background:var(--field);padding:.1em .3em;border-radius:4px}
.code{position:relative;margin:1rem 0}.count{position:absolute;left:-3.2rem;top:.65rem;width:2.6rem;text-align:right;color:var(--soft);font:12px ui-monospace,monospace}
.input,.text pre{background:var(--field);border:1px solid var(--line);border-radius:6px;padding:.6rem .8rem}.output{padding:0 .8rem}
.stderr{border-left:3px solid #d4a72c}.error{border-left:3px solid var(--bad)}.rich{overflow-x:auto}.rich svg,.rich img{max-width:100%;height:auto;background:#fff}
table{border-collapse:collapse;font-size:14px}th,td{border:1px solid var(--line);padding:.25rem .6rem;text-align:left}`
