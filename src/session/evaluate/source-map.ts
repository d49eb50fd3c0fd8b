// Reads a source map's mappings (Source Map Revision 3, base64 VLQ): where a position of emitted code came from. Decoded on first use.

const digits = new Map(Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (c, i) => [c, i]))

/** One mapped point of an emitted line: emitted column, source line and source column, all from 0. */
type Point = readonly [column: number, sourceLine: number, sourceColumn: number]

export class SourceMap {
  #lines: Point[][] | undefined
  constructor(readonly mappings: string) {}

  /** Source line and column of the nearest mapped point at or before an emitted position; all from 0. */
  original(line: number, column: number): { line: number; column: number } | undefined {
    this.#lines ??= decode(this.mappings)
    const points = this.#lines[line]
    if (!points) return undefined
    let found: Point | undefined
    for (const point of points) {
      if (point[0] > column) break
      found = point
    }
    found ??= points[0]
    return found && { line: found[1], column: found[2] }
  }
}

function decode(mappings: string): Point[][] {
  let sourceLine = 0
  let sourceColumn = 0
  return mappings.split(';').map((line) => {
    let column = 0
    const points: Point[] = []
    for (const segment of line.split(',')) {
      if (segment === '') continue
      const values = numbers(segment)
      column += values[0] ?? 0
      if (values.length < 4) continue
      sourceLine += values[2] ?? 0
      sourceColumn += values[3] ?? 0
      points.push([column, sourceLine, sourceColumn])
    }
    return points
  })
}

function numbers(segment: string): number[] {
  const out: number[] = []
  let value = 0
  let shift = 0
  for (const char of segment) {
    const digit = digits.get(char) ?? 0
    value += (digit & 31) << shift
    if (digit & 32) { shift += 5; continue }
    out.push(value & 1 ? -(value >> 1) : value >> 1)
    value = 0
    shift = 0
  }
  return out
}
