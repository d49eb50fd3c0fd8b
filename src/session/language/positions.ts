// Offsets between a cell as its writer typed it and as it is checked: magics become calls, a leading `{` becomes an expression.
// Everything after the cell's own text (imports of session names, exports) lies behind the last edit and maps to the cell's end.

/** The user's [start, end) became [newStart, newEnd) of the checked text. Sorted, apart. */
export type Edit = readonly [start: number, end: number, newStart: number, newEnd: number]

export interface Replacement { readonly start: number; readonly end: number; readonly text: string }

/** Applies replacements (sorted, apart) and says where everything went. */
export function applyReplacements(text: string, replacements: readonly Replacement[]): { text: string; edits: Edit[] } {
  let out = ''
  let at = 0
  const edits: Edit[] = []
  for (const { start, end, text: replacement } of replacements) {
    out += text.slice(at, start)
    edits.push([start, end, out.length, out.length + replacement.length])
    out += replacement
    at = end
  }
  return { text: out + text.slice(at), edits }
}

/** The user's offset of a checked offset; inside a replacement, its start. */
export function toUser(edits: readonly Edit[], offset: number): number {
  let shift = 0
  for (const [start, end, newStart, newEnd] of edits) {
    if (offset < newStart) break
    if (offset < newEnd) return start
    shift = end - newEnd
  }
  return offset + shift
}

/** The checked offset of a user's offset; inside a replacement, its start. */
export function toChecked(edits: readonly Edit[], offset: number): number {
  let shift = 0
  for (const [start, end, newStart, newEnd] of edits) {
    if (offset < start) break
    if (offset < end) return newStart
    shift = newEnd - end
  }
  return offset + shift
}

/** Line and column from 1. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  let line = 1
  let start = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) { line++; start = at + 1 }
  return { line, column: offset - start + 1 }
}

/** Offset of a line and column from 0. */
export function offsetAt(text: string, line0: number, column0: number): number {
  let start = 0
  for (let line = 0; line < line0; line++) {
    const next = text.indexOf('\n', start)
    if (next === -1) return text.length
    start = next + 1
  }
  return Math.min(start + column0, text.length)
}
