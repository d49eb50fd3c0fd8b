// The texts that ran in this session, cells and the user's own .ts files: from a position of emitted code back to the line its writer sees.
import type { CompiledCell } from '../language/protocol.js'
import { lineAndColumn, offsetAt, toUser, type Edit } from '../language/positions.js'
import { SourceMap } from './source-map.js'

export interface RunSource {
  /** What stack lines call it: `cell [3]`, or a path. */
  readonly label: string
  readonly text: string
  /** Whose cell it is, when it is one. */
  readonly token?: number
  /** Emitted line and column from 0 → offset in the user's text. */
  toOffset(line0: number, column0: number): number | undefined
}

export class Sources {
  readonly #byUrl = new Map<string, RunSource>()
  readonly #byLabel = new Map<string, RunSource>()

  addCell(url: string, label: string, token: number, text: string, cell: Pick<CompiledCell, 'mappings' | 'checkedText' | 'edits'>): RunSource {
    return this.#add(url, { label, text, token }, cell.mappings, cell.checkedText, cell.edits)
  }

  addFile(url: string, label: string, text: string, mappings: string): RunSource { return this.#add(url, { label, text }, mappings, text, []) }

  get(url: string): RunSource | undefined { return this.#byUrl.get(url) }

  /** The latest source of that name. */
  labelled(label: string): RunSource | undefined { return this.#byLabel.get(label) }

  /** Line and column from 1 for V8's line and column from 1. */
  position(source: RunSource, line: number, column: number): { line: number; column: number } | undefined {
    const offset = source.toOffset(line - 1, column - 1)
    return offset === undefined ? undefined : lineAndColumn(source.text, offset)
  }

  #add(url: string, about: { label: string; text: string; token?: number }, mappings: string, checked: string, edits: readonly Edit[]): RunSource {
    const map = new SourceMap(mappings)
    const source: RunSource = {
      ...about,
      toOffset(line0, column0) {
        const found = map.original(line0, column0)
        return found && Math.min(toUser(edits, offsetAt(checked, found.line, found.column)), about.text.length)
      },
    }
    this.#byUrl.set(url, source)
    this.#byLabel.set(about.label, source)
    return source
  }
}
