// Notebooks are read and written as Jupyter does, scripts become cells, and nothing a program prints can become markup in the page.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { notebookHtml } from '#ringlab/cli/run/html.js'
import { ansiHtml } from '#ringlab/cli/run/html-text.js'
import { markdownHtml } from '#ringlab/cli/run/markdown.js'
import { readNotebook, sourceOf, type Notebook } from '#ringlab/cli/run/notebook.js'
import { NotebookOutputs } from '#ringlab/cli/run/outputs.js'
import { temporaryFolder } from './ringlab.js'

describe('a script with // %% cells', () => {
  test('has a cell a mark, text cells without their comment signs, and the same ids every time', () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'script.ts')
    writeFileSync(file, '#!/usr/bin/env ringlab\nconst a = 1\n\n// %% [markdown]\n// # Title\n// text\n// %% second\nconst b = 2\n\n//%%\n\n')
    const notebook = readNotebook(file)
    expect(notebook.cells.map((cell) => [cell.cell_type, sourceOf(cell)])).toEqual([['code', 'const a = 1'], ['markdown', '# Title\ntext'], ['code', 'const b = 2']])
    expect(readNotebook(file).cells.map((cell) => cell.id)).toEqual(notebook.cells.map((cell) => cell.id))
    expect(new Set(notebook.cells.map((cell) => cell.id)).size).toBe(3)
  })
})

describe('the outputs that are kept', () => {
  test('run streams of one name together, in the order in which they came', () => {
    const outputs = new NotebookOutputs()
    for (let line = 0; line < 20_000; line++) outputs.stream(1, 'stdout', `${line}\n`)
    outputs.stream(1, 'stderr', 'half a ')
    outputs.stream(1, 'stderr', 'line')
    const [first, second] = outputs.of(1)
    expect(first?.output_type === 'stream' && first.text).toHaveLength(20_000)
    expect(second).toEqual({ output_type: 'stream', name: 'stderr', text: ['half a line'] })
  })

  test('rewrite every display of an id, wherever it was shown, also from a later cell', () => {
    const outputs = new NotebookOutputs()
    outputs.display(1, { 'text/plain': 'old' }, { displayId: 'a' })
    outputs.display(2, { 'text/plain': 'old' }, { displayId: 'a' })
    outputs.display(3, { 'text/plain': 'new' }, { displayId: 'a', update: true })
    for (const cell of [1, 2]) expect(outputs.of(cell)).toEqual([{ output_type: 'display_data', data: { 'text/plain': ['new'] }, metadata: {} }])
    expect(outputs.of(3)).toEqual([])
  })

  test('are emptied by a clear: at once, or when the next output comes', () => {
    const outputs = new NotebookOutputs()
    outputs.stream(1, 'stdout', 'a')
    outputs.clear(1, true)
    expect(outputs.of(1)).toHaveLength(1)
    outputs.stream(1, 'stdout', 'b')
    expect(outputs.of(1)).toEqual([{ output_type: 'stream', name: 'stdout', text: ['b'] }])
    outputs.clear(1, false)
    expect(outputs.of(1)).toEqual([])
  })

  test('keep texts as lines, pictures as one text and JSON as it is', () => {
    const outputs = new NotebookOutputs()
    outputs.display(1, { 'text/plain': 'a\nb', 'image/png': 'AAAA', 'application/json': { a: [1] } })
    expect(outputs.of(1)[0]).toMatchObject({ data: { 'text/plain': ['a\n', 'b'], 'image/png': 'AAAA', 'application/json': { a: [1] } } })
  })
})

describe('the page', () => {
  const notebook: Notebook = {
    nbformat: 4, nbformat_minor: 5, metadata: {},
    cells: [
      { cell_type: 'markdown', id: 'a', metadata: {}, source: '# A <script>alert(1)</script>' },
      {
        cell_type: 'code', id: 'b', metadata: {}, execution_count: 3, source: 'if (a < b) "x"',
        outputs: [
          { output_type: 'stream', name: 'stdout', text: ['<img src=x onerror=alert(1)>\n'] },
          { output_type: 'error', ename: 'E', evalue: '<b>', traceback: ['\u001b[31mE\u001b[39m: <b>'] },
          { output_type: 'display_data', data: { 'text/plain': 'plain', 'text/html': '<em>html</em>', 'image/svg+xml': ['<svg>', '</svg>'] }, metadata: {} },
        ],
      },
    ],
  }

  test('escapes titles, text cells, code and printed text, and keeps a figure\'s drawing', () => {
    const page = notebookHtml(notebook, 'a <b> & c')
    expect(page).toContain('<title>a &#60;b&#62; &#38; c</title>')
    expect(page).not.toContain('<script>alert')
    expect(page).not.toContain('<img src=x')
    expect(page).toContain('if (a &#60; b) &#34;x&#34;')
    expect(page).toContain('<svg></svg>')
    expect(page).not.toContain('<em>html</em>')
    expect(page).toContain('<span style="color:#cf222e">E</span>: &#60;b&#62;')
  })

  test('shows a terminal\'s colours and drops its other control sequences', () => {
    expect(ansiHtml('a\u001b[1;32mb\u001b[0mc\u001b[2Kd\u001b]0;title\u0007e')).toBe('a<span style="color:#1a7f37;font-weight:bold">b</span>cde')
  })

  test.each([
    ['# One `a<b>`', '<h1>One <code>a&#60;b&#62;</code></h1>'],
    ['a **b** and *c* in a_b_c', '<p>a <strong>b</strong> and <em>c</em> in a_b_c</p>'],
    ['- one\n  more\n- two', '<ul><li>one more</li><li>two</li></ul>'],
    ['1. one\n2. two', '<ol><li>one</li><li>two</li></ol>'],
    ['> quoted', '<blockquote><p>quoted</p></blockquote>'],
    ['```ts\nconst a = "*b*"\n```', '<pre><code>const a = &#34;*b*&#34;</code></pre>'],
    ['| a | b |\n|---|---|\n| 1 | 2 |', '<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>'],
    ['[a](https://example.org/x) [b](javascript:alert(1))', '<p><a href="https://example.org/x">a</a> [b](javascript:alert(1))</p>'],
  ])('reads %j', (text, html) => {
    expect(markdownHtml(text)).toBe(html)
  })
})
