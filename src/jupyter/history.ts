// The cells of this and earlier sessions, on disk: one append-only JSON-lines file a session in the user's data folder.
// Answers what history_request asks; knows no sockets. A disk that cannot be written costs the history, never a cell.

import { appendFileSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** [session, line, input] or, with outputs, [session, line, [input, output]]. */
export type HistoryEntry = readonly [number, number, string | readonly [string, string | null]]

interface Cell { readonly session: number; readonly line: number; readonly input: string; readonly output: string | null }

/** Sessions kept on disk; the oldest go first. */
const sessionsKeptMax = 500
/** Cells looked through by one tail or search. */
const cellsSearchedMax = 20_000

/** Where ringlab keeps what belongs to the user. */
function historyFolder(): string {
  const data = process.env['RINGLAB_DATA'] ?? join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'ringlab')
  return join(data, 'history')
}

export class History {
  readonly #folder: string
  readonly #cells: Cell[] = []
  #session = 0
  #file: number | undefined
  #broken = false

  constructor(folder: string = historyFolder()) { this.#folder = folder }

  addInput(line: number, input: string): void {
    this.#cells.push({ session: 0, line, input, output: null })
    this.#append({ line, input })
  }

  addOutput(line: number, output: string): void {
    const at = this.#cells.findLastIndex(cell => cell.line === line)
    const cell = this.#cells[at]
    if (cell !== undefined) this.#cells[at] = { ...cell, output }
    this.#append({ line, output })
  }

  /** Answers the content of a history_request. */
  ask(content: Record<string, unknown>): HistoryEntry[] {
    const cells = this.#select(content)
    const withOutput = content['output'] === true
    return cells.map(cell => [cell.session, cell.line, withOutput ? [cell.input, cell.output] : cell.input])
  }

  #select(content: Record<string, unknown>): Cell[] {
    const count = typeof content['n'] === 'number' && content['n'] >= 0 ? content['n'] : undefined
    switch (content['hist_access_type']) {
      case 'range': return this.#range(numberOr(content['session'], 0), numberOr(content['start'], 1), typeof content['stop'] === 'number' ? content['stop'] : undefined)
      case 'search': return this.#search(typeof content['pattern'] === 'string' ? content['pattern'] : '*', count, content['unique'] === true)
      default: return this.#latest(count ?? cellsSearchedMax)
    }
  }

  /** `session` 0 is this one, −1 the one before. */
  #range(session: number, start: number, stop: number | undefined): Cell[] {
    this.#begin()
    const sessions = this.#sessions()
    const wanted = session > 0 ? session : session === 0 ? this.#session : sessions.filter(number => number < this.#session).at(session)
    if (wanted === undefined) return []
    return this.#cellsOf(wanted).filter(cell => cell.line >= start && (stop === undefined || cell.line < stop))
  }

  /** `pattern` is a glob over the whole input, as SQLite's GLOB: `*` and `?`. */
  #search(pattern: string, count: number | undefined, unique: boolean): Cell[] {
    const expression = new RegExp(`^${pattern.replace(/[\\^$+.()|{}[\]]/g, '\\$&').replaceAll('*', '[^]*').replaceAll('?', '[^]')}$`)
    let found = this.#latest(cellsSearchedMax).filter(cell => expression.test(cell.input))
    if (unique) found = [...new Map(found.map(cell => [cell.input, cell])).values()]
    return count === undefined ? found : count === 0 ? [] : found.slice(-count)
  }

  /** The newest cells of all sessions, oldest first. */
  #latest(count: number): Cell[] {
    this.#begin()
    const newest: Cell[][] = []
    let found = 0
    for (const session of [...new Set([...this.#sessions(), this.#session])].reverse()) {
      if (found >= count) break
      const cells = this.#cellsOf(session)
      newest.unshift(cells)
      found += cells.length
    }
    return count === 0 ? [] : newest.flat().slice(-count)
  }

  #cellsOf(session: number): Cell[] {
    if (session === this.#session) return this.#cells.map(cell => ({ ...cell, session }))
    return readCells(this.#pathOf(session), session)
  }

  #sessions(): number[] {
    try {
      return readdirSync(this.#folder).map(name => Number(/^(\d+)\.jsonl$/.exec(name)?.[1] ?? NaN)).filter(number => !Number.isNaN(number)).sort((a, b) => a - b)
    } catch {
      return []
    }
  }

  #pathOf(session: number): string { return join(this.#folder, `${String(session).padStart(8, '0')}.jsonl`) }

  /** Takes the next session number: creating its file exclusively is the lock between Jupyter kernels that start together. */
  #begin(): void {
    if (this.#file !== undefined || this.#broken) return
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      const taken = this.#sessions()
      for (const old of taken.slice(0, Math.max(0, taken.length - sessionsKeptMax))) rmSync(this.#pathOf(old), { force: true })
      let session = (taken.at(-1) ?? 0) + 1
      for (const last = session + 100; this.#file === undefined; session++) {
        try {
          this.#file = openSync(this.#pathOf(session), 'ax', 0o600)
          this.#session = session
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || session >= last) throw error
        }
      }
    } catch {
      this.#broken = true
      this.#session = Math.max(1, this.#session)
    }
  }

  #append(record: object): void {
    this.#begin()
    if (this.#file === undefined) return
    try { appendFileSync(this.#file, `${JSON.stringify(record)}\n`) } catch { this.#broken = true }
  }
}

function readCells(path: string, session: number): Cell[] {
  let text: string
  try { text = readFileSync(path, 'utf8') } catch { return [] }
  const cells = new Map<number, Cell>()
  for (const line of text.split('\n')) {
    let record: { line?: unknown; input?: unknown; output?: unknown }
    try { record = JSON.parse(line) as typeof record } catch { continue } // the last line of a session that was killed
    if (typeof record.line !== 'number') continue
    const before = cells.get(record.line)
    if (typeof record.input === 'string') cells.set(record.line, { session, line: record.line, input: record.input, output: null })
    else if (typeof record.output === 'string' && before !== undefined) cells.set(record.line, { ...before, output: record.output })
  }
  return [...cells.values()]
}

function numberOr(value: unknown, fallback: number): number { return typeof value === 'number' ? value : fallback }
