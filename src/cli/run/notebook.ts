// A notebook as it lies on disk (nbformat 4.5): read from .ipynb, or made from a .ts file with `// %%` cells. Nothing is executed here.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { kernelJson, defaultName } from '../kernelspec.js'
import { UsageError } from '../command-error.js'

/** An output of a code cell, as nbformat 4.5 writes it. */
export type Output =
  | { output_type: 'stream'; name: 'stdout' | 'stderr'; text: string[] }
  | { output_type: 'display_data'; data: Record<string, unknown>; metadata: Record<string, unknown> }
  | { output_type: 'execute_result'; data: Record<string, unknown>; metadata: Record<string, unknown>; execution_count: number }
  | { output_type: 'error'; ename: string; evalue: string; traceback: string[] }

interface CellBase { id: string; metadata: Record<string, unknown>; source: string | string[] }
export interface CodeCell extends CellBase { cell_type: 'code'; execution_count: number | null; outputs: Output[] }
export interface MarkdownCell extends CellBase { cell_type: 'markdown' }
export interface RawCell extends CellBase { cell_type: 'raw' }
export type Cell = CodeCell | MarkdownCell | RawCell
export interface Notebook { cells: Cell[]; metadata: Record<string, unknown>; nbformat: 4; nbformat_minor: number }

/** Reads a notebook or a script with cells. Throws UsageError, saying what is wrong with the file. */
export function readNotebook(path: string): Notebook {
  let text: string
  try { text = readFileSync(path, 'utf8') } catch (error) {
    throw new UsageError(error instanceof Error && 'code' in error && error.code === 'ENOENT' ? `there is no file ${path}` : `cannot read ${path} (${String(error)})`)
  }
  const kind = extname(path)
  if (kind === '.ipynb') return notebookOf(text, path)
  if (['.ts', '.mts', '.js', '.mjs'].includes(kind)) return scriptNotebook(text)
  throw new UsageError(`${path} is neither a notebook (.ipynb) nor a script (.ts)`)
}

/** The text of a cell. */
export function sourceOf(cell: { source: string | string[] }): string {
  return typeof cell.source === 'string' ? cell.source : cell.source.join('')
}

/** Text as nbformat keeps it: a list of lines, each with its line break. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

/** The notebook as bytes on disk, as Jupyter itself writes it: sorted keys, one space of indent, a line break at the end. */
export function notebookText(notebook: Notebook): string {
  return `${JSON.stringify(notebook, sorted, 1)}\n`
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What may be missing in a file, older minors of format 4 included (cell ids came with 4.5). */
interface NotebookOnDisk { cells?: (Omit<Cell, 'id'> & { id?: string })[]; metadata?: Record<string, unknown>; nbformat?: number }

function notebookOf(text: string, path: string): Notebook {
  let json: NotebookOnDisk
  try { json = JSON.parse(text) as NotebookOnDisk } catch (error) { throw new UsageError(`${path} is no notebook: it is not JSON (${error instanceof Error ? error.message : String(error)})`) }
  if (!Array.isArray(json.cells)) throw new UsageError(`${path} is no notebook: it has no cells`)
  if (json.nbformat !== 4) throw new UsageError(`${path} has notebook format ${String(json.nbformat)}, and ringlab reads format 4; open it in JupyterLab and save it`)
  const cells = json.cells.map((cell, index) => ({ ...cell, id: cell.id ?? cellId(sourceOf(cell), index) }) as Cell)
  return { cells, metadata: json.metadata ?? {}, nbformat: 4, nbformat_minor: 5 }
}

/** `// %%` starts a code cell, `// %% [markdown]` a text cell whose lines are comments; what stands before the first is a cell too. */
function scriptNotebook(text: string): Notebook {
  const cells: Notebook['cells'] = []
  let kind: 'code' | 'markdown' = 'code'
  let lines: string[] = []
  const finish = (): void => {
    const source = trimmed(kind === 'code' ? lines : lines.map((line) => line.replace(/^\s*\/\/ ?/, '')))
    if (source !== '') {
      const base = { id: cellId(source, cells.length), metadata: {}, source: linesOf(source) }
      cells.push(kind === 'code' ? { cell_type: 'code', execution_count: null, ...base, outputs: [] } : { cell_type: 'markdown', ...base })
    }
    lines = []
  }
  for (const line of text.replace(/^#!.*\n/, '').split(/\r?\n/)) {
    const mark = /^\s*\/\/ ?%%(.*)$/.exec(line)
    if (mark === null) lines.push(line)
    else {
      finish()
      kind = /\[(markdown|md)\]/.test(mark[1] ?? '') ? 'markdown' : 'code'
    }
  }
  finish()
  return { cells, metadata: kernelMetadata(), nbformat: 4, nbformat_minor: 5 }
}

/** What Jupyter needs to open the notebook with this kernel. */
export function kernelMetadata(): Record<string, unknown> {
  const { display_name, language } = kernelJson()
  return {
    kernelspec: { display_name, language, name: defaultName },
    language_info: { name: 'typescript', file_extension: '.ts', mimetype: 'application/typescript', codemirror_mode: 'typescript', pygments_lexer: 'typescript', nbconvert_exporter: 'script' },
  }
}

/** The same cell gets the same id in every run, so that a saved notebook changes only where something changed. */
function cellId(source: string, index: number): string {
  return createHash('sha256').update(`${index}\n${source}`).digest('hex').slice(0, 8)
}

function trimmed(lines: readonly string[]): string {
  return lines.join('\n').replace(/^(\s*\n)+/, '').trimEnd()
}
