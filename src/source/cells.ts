// The cells of a session, as far as bodies need them: their own text, and the way from emitted code back to it.

export interface CellSource {
  /** The cell as its writer typed it. */
  readonly text: string
  /** What the cell is called in fault lines, such as `cell [7]`; default the url. */
  readonly label?: string
  /** Offset in `text` of a position in the emitted code, both counted from 0. */
  toOriginal(line0: number, column0: number): number | undefined
  /** A session name as the cell sees it. */
  lookup(name: string): { readonly value: unknown } | undefined
}

/** Cells kept: enough for any notebook; the oldest go first, so that a session of months stays bounded. */
const cellsMax = 10_000
const cells = new Map<string, CellSource>()

/** Registers the cell that runs under script `url`, so that bodies defined in it are read from its own text. */
export function registerCellSource(url: string, source: CellSource): void {
  cells.delete(url)
  cells.set(url, source)
  const [oldest] = cells.keys()
  if (oldest !== undefined && cells.size > cellsMax) cells.delete(oldest)
}

/** A line of the cell with this label, as it was written; the newest such cell. Lines count from 1. */
export function cellLine(label: string, line: number): string | undefined {
  for (const cell of [...cells.values()].reverse()) if (cell.label === label) return cell.text.split('\n')[line - 1]
  return undefined
}

/** The cell that runs under script `url`. */
export function cellSource(url: string): CellSource | undefined {
  return cells.get(url)
}

