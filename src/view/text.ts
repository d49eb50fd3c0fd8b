// Text in figures: numbers as text, the room a text takes, and what keeps a user's text from becoming markup.

/** The minus of typography, as wide as a plus. */
const minus = '−'

/** A number for a reader: whole numbers grouped in thousands, others to `digits` significant digits. NaN and the infinities by name. */
export function formatNumber(value: number | bigint, digits = 4): string {
  if (typeof value === 'bigint') return grouped(value.toString())
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${minus}∞`
  if (Object.is(value, -0)) return `${minus}0`
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return grouped(String(value))
  return String(Number(value.toPrecision(digits))).replaceAll('-', minus)
}

/** `1 message`, `12 messages`. */
export function counted(count: number, thing: string): string { return `${formatNumber(count)} ${thing}${count === 1 ? '' : 's'}` }

function grouped(digits: string): string {
  return digits.replace('-', minus).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Columns a text takes in a terminal: two for East Asian wide characters and emoji, none for combining marks. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += /\p{Mn}|\p{Me}|\p{Cf}/u.test(character) ? 0 : /[ᄀ-ᅟ⺀-꓏가-힣豈-﫿︰-﹏＀-｠￠-￦]|\p{Emoji_Presentation}/u.test(character) ? 2 : 1
  return columns
}

/** Pixels a text takes at most, in the widest sans-serif font a browser is likely to choose (DejaVu Sans, Verdana). */
export function pixelsOf(text: string, fontSize: number): number {
  let widths = 0
  for (const character of text) widths += /[mwMW@%—]/.test(character) ? 0.98 : /[ilIj.,:;'|! ()[\]]/.test(character) ? 0.4 : columnsOf(character) === 2 ? 1.05 : 0.66
  return Math.ceil(widths * fontSize)
}

/** Cut to `columns`, the cut shown by an ellipsis. */
export function shortened(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  let kept = ''
  for (const character of text) { if (columnsOf(kept + character) > columns - 1) break; kept += character }
  return `${kept}…`
}

/** Broken between words into lines of at most `columns` (2 or more); a longer word is broken anywhere. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && columnsOf(line) + 1 + columnsOf(word) > columns) { lines.push(line); line = '' }
    if (line !== '') line += ' '
    for (const character of word) {
      if (columnsOf(line + character) > columns) { lines.push(line); line = '' }
      line += character
    }
  }
  return line.trim() === '' ? lines : [...lines, line]
}

/** Filled with spaces to `columns`, cut when longer. */
export function padded(text: string, columns: number, align: 'left' | 'right'): string {
  const cut = shortened(text, columns)
  const spaces = ' '.repeat(Math.max(0, columns - columnsOf(cut)))
  return align === 'left' ? cut + spaces : spaces + cut
}

/** One line without control characters (they are illegal in XML and act in a terminal), each shown as its picture: ␛ for escape. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f]/g, (character) => String.fromCharCode(0x2400 + character.charCodeAt(0)))
    .replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '�')
}

/** Safe in HTML and XML, in text and in quoted attributes. */
export function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** JSON that may stand inside a script element: no `</script`, no `<!--`, no line separator. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
