// What must not end a session: process.exit in a cell, an error in a timer, a rejection nobody handles. Each is told to its own cell.
import type { OutputSink } from '../front-end.js'
import type { Attribution } from './attribution.js'
import type { Sources } from './sources.js'
import { thrownError } from './traceback.js'

class ExitError extends Error {
  override readonly name = 'ExitError'
  constructor(readonly code: number) { super(`process.exit(${code}) stopped this cell; the session and its variables are kept. To end it, shut the session down.`) }
}

export interface FaultOptions { readonly sink: OutputSink; readonly attribution: Attribution; readonly sources: Sources; /** `ringlab run`: exit is exit. */ readonly exitsProcess: boolean; readonly isRunning: () => boolean }

/** Returns what puts everything back. */
export function guardProcess(options: FaultOptions): () => void {
  const exit = process.exit.bind(process)
  const guarded = (code?: number | string | null): never => {
    if (options.exitsProcess || !(options.isRunning() || options.attribution.isInCell || calledFromCell(options.sources))) return exit(code)
    throw new ExitError(Number(code ?? process.exitCode ?? 0))
  }
  const uncaught = (fault: unknown): void => { report(fault, 'Uncaught', options) }
  const unhandled = (fault: unknown): void => { report(fault, 'Unhandled rejection:', options) }
  process.exit = guarded
  process.on('uncaughtException', uncaught)
  process.on('unhandledRejection', unhandled)
  return () => {
    if (process.exit === guarded) process.exit = exit
    process.off('uncaughtException', uncaught)
    process.off('unhandledRejection', unhandled)
  }
}

function calledFromCell(sources: Sources): boolean {
  const stack = new Error().stack ?? ''
  return Array.from(stack.matchAll(/(cell \[[^\]]+\]):\d+/g)).some(([, label]) => label !== undefined && sources.labelled(label) !== undefined)
}

/** To stderr of the cell whose code is on the error's stack, else of the one whose context this is. */
function report(fault: unknown, what: string, { sink, attribution, sources }: FaultOptions): void {
  const { traceback } = thrownError(fault, sources)
  const label = /(cell \[[^\]]+\]):\d+:\d+/.exec(traceback.join('\n'))?.[1]
  const token = (label === undefined ? undefined : sources.labelled(label)?.token) ?? attribution.current.token
  sink.stream(token, 'stderr', `${what} ${traceback.join('\n').replace(/^(\u001b\[31m)?Uncaught /, '$1')}\n`)
}
