// A drawing area of terminal characters: braille dots (2 × 4 a character) for lines, whole characters over them for blocks and letters.

/** Dot (column, row) inside a braille character → its bit; Unicode chapter 21.1. */
const dotBits = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]] as const

export class Canvas {
  readonly columns: number
  readonly rows: number
  readonly #dots: Uint8Array
  readonly #characters: (string | undefined)[]
  readonly #colors: Uint8Array

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
    this.#dots = new Uint8Array(columns * rows)
    this.#characters = new Array<string | undefined>(columns * rows)
    this.#colors = new Uint8Array(columns * rows)
  }

  /** One dot, counted from the top left in half columns and quarter rows; outside it is not drawn. */
  dot(x: number, y: number, color: number): void {
    const [column, row] = [x >> 1, y >> 2]
    if (x < 0 || y < 0 || column >= this.columns || row >= this.rows) return
    const at = row * this.columns + column
    this.#dots[at] = (this.#dots[at] ?? 0) | (dotBits[(x & 1) as 0 | 1][y & 3] ?? 0)
    this.#colors[at] = color
  }

  /** Dots along a straight line, at most the canvas's diagonal of them. */
  line(x0: number, y0: number, x1: number, y1: number, color: number, skip: (step: number) => boolean): void {
    const steps = Math.min(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1), 4096)
    for (let step = 0; step <= steps; step++) {
      if (!skip(step)) this.dot(Math.round(x0 + ((x1 - x0) * step) / steps), Math.round(y0 + ((y1 - y0) * step) / steps), color)
    }
  }

  /** One whole character over whatever dots are there. */
  put(column: number, row: number, character: string, color: number): void {
    if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return
    this.#characters[row * this.columns + column] = character
    this.#colors[row * this.columns + column] = color
  }

  /** Whether nothing stands at this character yet. */
  empty(column: number, row: number): boolean {
    const at = row * this.columns + column
    return this.#characters[at] === undefined && this.#dots[at] === 0
  }

  /** The rows as text; with `colored`, in the terminal's colours (ECMA-48 SGR), each row closed by a reset. */
  text(colored: boolean): string[] {
    return Array.from({ length: this.rows }, (_, row) => {
      let text = ''
      let last = 0
      for (let column = 0; column < this.columns; column++) {
        const at = row * this.columns + column
        const character = this.#characters[at] ?? (this.#dots[at] === 0 ? ' ' : String.fromCharCode(0x2800 + (this.#dots[at] ?? 0)))
        const color = character === ' ' ? last : this.#colors[at] ?? 0
        if (colored && color !== last) { text += `\u001b[${color}m`; last = color }
        text += character
      }
      return text.trimEnd() + (last === 0 ? '' : '\u001b[0m')
    })
  }
}
