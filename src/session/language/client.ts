// Asks the language worker about code from any thread, over a port that main hands out. Every wait has a bound; past it, nothing is known.
import type { MessagePort } from 'node:worker_threads'
import type { Completeness, Completion, Inspection, LanguageQuestions } from '../front-end.js'
import type { Answer, LanguageRequest, Numbered } from './protocol.js'

/** The longest a question waits; the worker may be starting or checking a large cell. */
const waitMs = 5000

/** What main sends down the port: a port of the language worker, a new one whenever the worker was replaced. */
export interface WorkerPort { readonly port: MessagePort }

export function askLanguage(port: MessagePort): LanguageQuestions {
  const asked = new Map<number, { request: Numbered<LanguageRequest>; settle: (value: unknown) => void }>()
  let worker: MessagePort | undefined
  let count = 0
  port.on('message', (message: WorkerPort) => {
    worker?.close()
    worker = message.port
    worker.on('message', (answer: Answer) => { asked.get(answer.number)?.settle(answer.value) })
    for (const { request } of asked.values()) worker.postMessage(request)
  })
  port.on('close', () => { worker?.close() })
  const ask = async <T>(request: LanguageRequest, otherwise: T): Promise<T> => new Promise((resolve) => {
    const number = ++count
    const settle = (value: unknown): void => { clearTimeout(timer); asked.delete(number); resolve(value === undefined ? otherwise : value as T) }
    const timer = setTimeout(() => { settle(undefined) }, waitMs)
    const numbered = { ...request, number }
    asked.set(number, { request: numbered, settle })
    worker?.postMessage(numbered)
  })
  return {
    complete: (code, offset) => ask<Completion>({ kind: 'complete', code, offset }, { start: offset, end: offset, matches: [] }),
    inspect: (code, offset, detail) => ask<Inspection>({ kind: 'inspect', code, offset, detail }, { found: false, bundle: {} }),
    isComplete: (code) => ask<Completeness>({ kind: 'isComplete', code }, { status: 'unknown' }),
  }
}
