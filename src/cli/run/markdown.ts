// The Markdown that text cells of a notebook use, as HTML: headings, paragraphs, lists, quotes, code, tables, links, emphasis.
// A subset on purpose: raw HTML is escaped, so that a page made from a stranger's notebook runs nothing of its text cells.
import { escapeHtml } from './html-text.js'

/** One text cell as HTML. */
export function markdownHtml(text: string): string {
  return blocks(text.replace(/\r\n/g, '\n').split('\n'))
}

function blocks(lines: readonly string[]): string {
  const html: string[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at] ?? ''
    const block = blockKinds.find((kind) => kind.starts.test(line)) ?? paragraph
    let end = at + 1
    while (end < lines.length && block.goesOn(lines[end] ?? '', line)) end++
    const own = lines.slice(at, block.closes === true ? end + 1 : end)
    html.push(block.html(own))
    at += own.length
  }
  return html.filter((part) => part !== '').join('\n')
}

interface BlockKind { starts: RegExp; goesOn: (line: string, first: string) => boolean; closes?: true; html: (lines: readonly string[]) => string }

const blank: BlockKind = { starts: /^\s*$/, goesOn: () => false, html: () => '' }
const fence: BlockKind = {
  starts: /^```/, goesOn: (line) => !line.startsWith('```'), closes: true,
  html: (lines) => `<pre><code>${escapeHtml(lines.slice(1, lines.at(-1)?.startsWith('```') === true ? -1 : undefined).join('\n'))}</code></pre>`,
}
const heading: BlockKind = {
  starts: /^#{1,6} /, goesOn: () => false,
  html: ([line = '']) => { const level = line.indexOf(' '); return `<h${level}>${inline(line.slice(level + 1))}</h${level}>` },
}
const rule: BlockKind = { starts: /^(-{3,}|\*{3,})\s*$/, goesOn: () => false, html: () => '<hr>' }
const quote: BlockKind = { starts: /^> ?/, goesOn: (line) => line.startsWith('>'), html: (lines) => `<blockquote>${blocks(lines.map((line) => line.replace(/^> ?/, '')))}</blockquote>` }
const list = (starts: RegExp, tag: 'ul' | 'ol'): BlockKind => ({
  starts, goesOn: (line) => starts.test(line) || /^\s+\S/.test(line),
  html: (lines) => {
    const items: string[] = []
    for (const line of lines) {
      if (starts.test(line)) items.push(line.replace(starts, ''))
      else items.push(`${items.pop() ?? ''} ${line.trim()}`)
    }
    return `<${tag}>${items.map((item) => `<li>${inline(item)}</li>`).join('')}</${tag}>`
  },
})
const table: BlockKind = {
  starts: /^\|/, goesOn: (line) => line.startsWith('|'),
  html: (lines) => {
    const rows = lines.filter((line) => !/^\|[\s:|-]+$/.test(line)).map((line) => line.trim().replace(/^\||\|$/g, '').split('|').map((cell) => inline(cell.trim())))
    const [head = [], ...body] = rows
    const row = (cells: readonly string[], tag: 'th' | 'td'): string => `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`
    return `<table>${row(head, 'th')}${body.map((cells) => row(cells, 'td')).join('')}</table>`
  },
}
const blockKinds: readonly BlockKind[] = [blank, fence, heading, rule, quote, list(/^\s{0,3}[-*+] /, 'ul'), list(/^\s{0,3}\d+[.)] /, 'ol'), table]
const paragraph: BlockKind = { starts: /./, goesOn: (line) => !blockKinds.some((kind) => kind.starts.test(line)), html: (lines) => `<p>${inline(lines.join('\n'))}</p>` }

/** Code first, so that nothing inside it is read as emphasis; links only to places that run nothing. */
function inline(text: string): string {
  return text.split(/(`[^`]+`)/).map((piece) => piece.length > 2 && piece.startsWith('`') && piece.endsWith('`') ? `<code>${escapeHtml(piece.slice(1, -1))}</code>` : emphasised(escapeHtml(piece))).join('')
}

function emphasised(html: string): string {
  return html
    .replace(/\[([^\]]+)\]\(((?:https?:|mailto:|#|\.{0,2}\/|[\w-]+[./])[^)\s]*)\)/g, '<a href="$2">$1</a>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/(^|[^\w*])\*([^*\s][^*]*)\*/g, '$1<em>$2</em>')
    .replace(/(^|[^\w_])_([^_\s][^_]*)_(?!\w)/g, '$1<em>$2</em>')
}
