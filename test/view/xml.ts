// A small strict reader of the XML that figures are: every tag closed, every entity numeric, no illegal character; and where each text lies.

export interface PlacedText { readonly text: string; readonly x: number; readonly y: number; readonly anchor: string; readonly pixels: number }

/** The text elements of an SVG with the room each may take at most (0.61 em a character in fixed width, 0.6 elsewhere). @throws Error where it is not well-formed. */
export function textsOfXml(svg: string): PlacedText[] {
  if (/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/.test(svg)) throw new Error('a control character')
  const open: { name: string; attributes: Map<string, string> }[] = []
  const texts: PlacedText[] = []
  let position = 0
  const pattern = /<(\/?)([A-Za-z][\w-]*)((?:\s+[\w-]+(?::[\w-]+)?="[^"<]*")*)\s*(\/?)>/gy
  while (position < svg.length) {
    pattern.lastIndex = position
    const tag = pattern.exec(svg)
    if (tag === null) {
      const end = svg.indexOf('<', position) === -1 ? svg.length : svg.indexOf('<', position)
      if (end === position) throw new Error(`not a tag: ${svg.slice(position, position + 60)}`)
      const text = decode(svg.slice(position, end))
      const parent = open.at(-1)
      if (parent?.name === 'text' || parent?.name === 'tspan') texts.push(placed(text, [...open].reverse().map((element) => element.attributes)))
      position = end
      continue
    }
    const [all, closing, name = '', attributes = '', empty] = tag
    position += all.length
    if (closing === '/') { if (open.pop()?.name !== name) throw new Error(`</${name}> closes another element`) } else if (empty !== '/') open.push({ name, attributes: new Map([...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map((match) => [match[1] ?? '', decode(match[2] ?? '')])) })
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)?.name ?? ''}> is never closed`)
  return texts
}

function decode(text: string): string {
  if (/&(?!#\d+;)/.test(text)) throw new Error(`an entity that XML does not know: ${text.slice(0, 60)}`)
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
}

function placed(text: string, attributes: readonly Map<string, string>[]): PlacedText {
  const inherited = (name: string): string => attributes.find((each) => each.has(name))?.get(name) ?? ''
  const size = Number(inherited('font-size'))
  const characters = Array.from(text)
  const wide = characters.filter((character) => character.charCodeAt(0) > 0x1100 && character !== '…' && character !== '−').length
  return { text, x: Number(inherited('x')), y: Number(inherited('y')), anchor: inherited('text-anchor'), pixels: (characters.length + wide) * size * (inherited('font-family').includes('monospace') ? 0.602 : 0.58) }
}
