// The life cycle of a ring kernel: its states as a tagged union, and which call is legal in which. No side effects.
import { lifeCycleNames } from '../ring/control.js'
import { RingKernelStateError } from './errors.js'

export type State = (typeof lifeCycleNames)[number]

/** What is true in each state; only FAILED carries an error. */
export type Life =
  | { readonly state: 'CREATED' | 'LAUNCHED' | 'ACTIVE' | 'DEACTIVATED' | 'TERMINATING' | 'TERMINATED' }
  | { readonly state: 'FAILED'; readonly error: Error }

const traffic = ['send', 'receive', 'ask', 'terminate'] as const

/** The calls each state allows. Outputs that are still queued may be received after the end, too. */
const legalCalls: Readonly<Record<State, readonly string[]>> = {
  CREATED: [],
  LAUNCHED: ['activate', 'step', 'restart', 'swap', 'checkpoint', ...traffic],
  ACTIVE: ['deactivate', 'restart', 'swap', 'checkpoint', ...traffic],
  DEACTIVATED: ['reactivate', 'step', 'restart', 'swap', 'checkpoint', ...traffic],
  TERMINATING: ['receive', 'terminate'],
  TERMINATED: ['terminate'],
  FAILED: ['terminate'],
}

/** Refuses `call` unless the state allows it. A FAILED ring kernel answers with the error that ended it. */
export function requireLegal(id: string, life: Life, call: string): void {
  if (legalCalls[life.state].includes(call)) return
  throw illegal(id, life, call)
}

export function illegal(id: string, life: Life, call: string): Error {
  if (life.state === 'FAILED' && traffic.includes(call as (typeof traffic)[number])) return life.error
  return new RingKernelStateError(id, life.state, call, legalCalls[life.state])
}

export function lifeCycleCode(state: State): number { return lifeCycleNames.indexOf(state) }
