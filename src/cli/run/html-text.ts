// Plain and coloured text as HTML: what a user's program prints can never become markup.

/** Escapes text for element content and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** The eight colours of a terminal (SGR 30–37 and their bright forms), dark enough to read on white and light enough on black. */
const colours = ['#6e7781', '#cf222e', '#1a7f37', '#9a6700', '#3178c6', '#8250df', '#1b7c83', '#6e7781']

/** Text with ANSI colours as HTML: colours, bold and dim become spans, other control sequences are left out. */
export function ansiHtml(text: string): string {
  let look: Look = {}
  let html = ''
  // SGR sequences are kept as their own pieces; every other CSI and OSC sequence falls away.
  for (const piece of text.split(sequence)) {
    if (piece.startsWith(escape)) look = piece.endsWith('m') ? changed(look, piece.slice(2, -1)) : look
    else if (piece !== '') html += spanned(escapeHtml(piece), look)
  }
  return html
}

interface Look { colour?: string; bold?: true; dim?: true }

const escape = String.fromCharCode(27)
/** CSI sequences (ECMA-48 §5.4), and OSC ones up to their end. */
const sequence = new RegExp(`(${escape}\\[[0-?]*[ -/]*[@-~]|${escape}\\][^${String.fromCharCode(7)}${escape}]*(?:${String.fromCharCode(7)}|${escape}\\\\))`)

function changed(look: Look, codes: string): Look {
  let next: Look = { ...look }
  for (const code of codes.split(';').map(Number)) {
    const colour = colours[code >= 90 ? code - 90 : code - 30]
    if (code === 0) next = {}
    else if (code === 1) next.bold = true
    else if (code === 2) next.dim = true
    else if (code === 22) { delete next.bold; delete next.dim }
    else if (code === 39) delete next.colour
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) next = { ...next, ...(colour === undefined ? {} : { colour }) }
  }
  return next
}

function spanned(html: string, look: Look): string {
  const rules = [look.colour === undefined ? '' : `color:${look.colour}`, look.bold === true ? 'font-weight:bold' : '', look.dim === true ? 'opacity:.7' : ''].filter((rule) => rule !== '')
  return rules.length === 0 ? html : `<span style="${rules.join(';')}">${html}</span>`
}
