// The outputs of the cells of one run, gathered as nbformat keeps them: streams run together, displays updated in place, clears honoured.
import type { CellError, MimeBundle, OutputSink } from '../../session/front-end.js'
import { linesOf, type Output } from './notebook.js'

/** What one cell has put out so far. */
interface CellOutputs { outputs: Output[]; clearOnNext: boolean }

/** An OutputSink that keeps the outputs of every cell; `token` is the number that the cell was executed with. */
export class NotebookOutputs implements OutputSink {
  readonly #cells = new Map<number, CellOutputs>()
  /** Every output that shows a display, by its id: one update rewrites them all. */
  readonly #displays = new Map<string, (Output & { output_type: 'display_data' })[]>()

  stream(cell: number, name: 'stdout' | 'stderr', text: string): void {
    const outputs = this.#next(cell)
    const last = outputs.at(-1)
    // Pieces are only joined when the notebook is written: 20,000 printed lines stay 20,000 pushes.
    if (last?.output_type === 'stream' && last.name === name) last.text.push(text)
    else outputs.push({ output_type: 'stream', name, text: [text] })
  }

  display(cell: number, bundle: MimeBundle, options: { displayId?: string; update?: boolean; metadata?: Record<string, unknown> } = {}): void {
    const data = savedBundle(bundle)
    const metadata = options.metadata ?? {}
    if (options.update === true) {
      for (const shown of this.#displays.get(options.displayId ?? '') ?? []) Object.assign(shown, { data, metadata })
      return
    }
    const output: Output & { output_type: 'display_data' } = { output_type: 'display_data', data, metadata }
    this.#next(cell).push(output)
    if (options.displayId !== undefined) this.#displays.set(options.displayId, [...(this.#displays.get(options.displayId) ?? []), output])
  }

  clear(cell: number, wait: boolean): void {
    const kept = this.#cell(cell)
    if (wait) kept.clearOnNext = true
    else kept.outputs = []
  }

  /** Adds the value of the cell's last expression. */
  result(cell: number, executionCount: number, bundle: MimeBundle, metadata: Record<string, unknown>): void {
    this.#next(cell).push({ output_type: 'execute_result', data: savedBundle(bundle), metadata, execution_count: executionCount })
  }

  /** Adds the error that ended the cell. */
  error(cell: number, error: CellError): void {
    this.#next(cell).push({ output_type: 'error', ename: error.name, evalue: error.message, traceback: [...error.traceback] })
  }

  /** The outputs of a cell, as a notebook keeps them. */
  of(cell: number): Output[] {
    const outputs = this.#cells.get(cell)?.outputs ?? []
    return outputs.map((output) => output.output_type === 'stream' ? { ...output, text: linesOf(output.text.join('')) } : output)
  }

  #cell(cell: number): CellOutputs {
    const known = this.#cells.get(cell)
    if (known !== undefined) return known
    const fresh: CellOutputs = { outputs: [], clearOnNext: false }
    this.#cells.set(cell, fresh)
    return fresh
  }

  /** The list to add to, emptied first when a clear waited for this output. */
  #next(cell: number): Output[] {
    const kept = this.#cell(cell)
    if (kept.clearOnNext) {
      kept.outputs = []
      kept.clearOnNext = false
    }
    return kept.outputs
  }
}

/** nbformat keeps texts as lists of lines, and JSON types as they are. */
function savedBundle(bundle: MimeBundle): Record<string, unknown> {
  return Object.fromEntries(Object.entries(bundle).map(([type, value]) => {
    if (typeof value === 'string' && !isBase64(type)) return [type, linesOf(value)]
    return [type, value]
  }))
}

function isBase64(type: string): boolean {
  return /^(image\/(?!svg)|audio\/|video\/|application\/pdf)/.test(type)
}
