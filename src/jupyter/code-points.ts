// Positions in code: Jupyter counts code points, JavaScript UTF-16 units.

/** UTF-16 offset of a position counted in code points; positions past the end are the end. */
export function toUtf16(code: string, codePoints: number): number {
  let offset = 0
  for (let seen = 0; seen < codePoints && offset < code.length; seen++) offset += isPair(code, offset) ? 2 : 1
  return offset
}

/** Code points before a UTF-16 offset. */
export function toCodePoints(code: string, offset: number): number {
  let seen = 0
  for (let at = 0; at < offset && at < code.length; seen++) at += isPair(code, at) ? 2 : 1
  return seen
}

function isPair(code: string, at: number): boolean {
  const high = code.charCodeAt(at), low = code.charCodeAt(at + 1)
  return high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff
}
