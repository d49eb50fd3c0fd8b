// Runs the cells of a notebook in a session of this process, one after the other, and gathers what they put out. Reads and writes no files.
import type { CellError, ExecuteOutcome, OutputSink, Session } from '../../session/front-end.js'
import { sourceOf, type CodeCell, type Notebook } from './notebook.js'
import { NotebookOutputs } from './outputs.js'
import type { TerminalOutputs } from './terminal.js'
import type { StopReason, Watchdog } from './watchdog.js'

export interface RunOptions { /** Longest that one cell may run. */ readonly cellSecondsMax?: number }

/** How a run ended; `exitCode` is what the command ends with. */
export type RunEnd = { readonly exitCode: number; readonly problem?: string }

/** Both places outputs go to, as one sink. */
export function bothSinks(kept: NotebookOutputs, shown: TerminalOutputs): OutputSink {
  return {
    stream(cell, name, text) { kept.stream(cell, name, text); shown.stream(cell, name, text) },
    display(cell, bundle, options) { kept.display(cell, bundle, options); shown.display(cell, bundle, options) },
    clear(cell, wait) { kept.clear(cell, wait); shown.clear() },
  }
}

/** Runs every code cell up to the first that fails; a cell tagged `raises-exception` may. The notebook's cells get their counts at once, their outputs by `keepOutputs`. */
export async function runCells(notebook: Notebook, session: Session, watchdog: Watchdog, kept: NotebookOutputs, shown: TerminalOutputs, options: RunOptions): Promise<RunEnd> {
  const cells = codeCells(notebook)
  for (const cell of cells) Object.assign(cell, { execution_count: null, outputs: [] })
  for (const [index, cell] of cells.entries()) {
    const code = sourceOf(cell)
    if (code.trim() === '') continue
    const end = await runCell({ cell, code, token: index + 1, of: cells.length }, session, watchdog, kept, shown, options)
    if (end !== undefined) return end
  }
  return { exitCode: 0 }
}

/** Writes what every cell put out so far into the notebook. Called last, since figures and timers put out after their cell. */
export function keepOutputs(notebook: Notebook, kept: NotebookOutputs): void {
  for (const [index, cell] of codeCells(notebook).entries()) cell.outputs = kept.of(index + 1)
}

interface Step { readonly cell: CodeCell; readonly code: string; readonly token: number; readonly of: number }

/** Runs one cell; undefined means: go on. */
async function runCell(step: Step, session: Session, watchdog: Watchdog, kept: NotebookOutputs, shown: TerminalOutputs, options: RunOptions): Promise<RunEnd | undefined> {
  shown.start(step.token, step.code)
  watchdog.started(step.token, options.cellSecondsMax === undefined ? undefined : options.cellSecondsMax * 1000)
  const outcome = await session.execute({ token: step.token, code: step.code, storeHistory: true, allowStdin: false })
  const stopped = watchdog.ended()
  if (stopped !== undefined) await watchdog.calm()
  step.cell.execution_count = outcome.executionCount
  if (outcome.status === 'ok') {
    if (outcome.result !== undefined) {
      kept.result(step.token, outcome.executionCount, outcome.result, outcome.resultMetadata ?? {})
      shown.result(outcome.result)
    }
    for (const { data } of outcome.payload ?? []) shown.page(data)
    shown.end()
    return undefined
  }
  return failed(step, outcome, stopped, kept, shown, options)
}

function failed(step: Step, outcome: ExecuteOutcome & { status: 'error' }, stopped: StopReason | undefined, kept: NotebookOutputs, shown: TerminalOutputs, options: RunOptions): RunEnd | undefined {
  shown.end()
  const problem = stopped !== undefined ? stopSentence(step, stopped, options) : undefined
  const error: CellError = problem === undefined ? outcome.error : { name: outcome.error.name, message: problem, traceback: [`${outcome.error.name}: ${problem}`] }
  kept.error(step.token, error)
  if (problem === undefined) shown.error(error)
  if (stopped === undefined && mayFail(step.cell)) return undefined
  return { exitCode: stopped === 'person' ? 130 : 1, ...(problem === undefined ? {} : { problem }) }
}

function stopSentence(step: Step, why: StopReason, options: RunOptions): string {
  return why === 'timeout' ? `cell ${step.token} of ${step.of} ran longer than ${options.cellSecondsMax ?? 0} s (--timeout-seconds) and was stopped` : `cell ${step.token} of ${step.of} was stopped by Ctrl-C`
}

/** The tag that nbclient and nbconvert honour too. */
function mayFail(cell: CodeCell): boolean {
  const { tags } = cell.metadata
  return Array.isArray(tags) && tags.includes('raises-exception')
}

function codeCells(notebook: Notebook): CodeCell[] {
  return notebook.cells.filter((cell) => cell.cell_type === 'code')
}
