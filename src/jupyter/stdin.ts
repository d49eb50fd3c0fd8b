// `prompt()`: a question to the person at the front end that blocks main until the answer comes. Two halves: main asks and waits,
// the wire worker sends the request and wakes main with the answer.

import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { Board, PromptState } from './link.js'
import type { ToWire } from './link.js'

/** Main's half: `prompt(text)` for cells. Returns null when the front end takes no input, or the question was interrupted. */
export function blockingPrompt(board: Int32Array, post: (message: ToWire, transfer: MessagePort[]) => void, running: () => number | undefined): (text?: string, fallback?: string) => string | null {
  return (text = '', fallback) => {
    const token = running()
    if (token === undefined) throw new Error('prompt() works only while a cell runs')
    const { port1, port2 } = new MessageChannel()
    Atomics.store(board, Board.prompt, PromptState.waiting)
    post({ kind: 'prompt', token, text, password: false, answer: port2 }, [port2])
    while (Atomics.load(board, Board.prompt) === PromptState.waiting) Atomics.wait(board, Board.prompt, PromptState.waiting, 1_000)
    const received = receiveMessageOnPort(port1) as { message: string } | undefined
    port1.close()
    if (Atomics.load(board, Board.prompt) === PromptState.refused) {
      throw new Error(received?.message ?? 'prompt() was interrupted')
    }
    const answer = received?.message ?? ''
    return answer === '' && fallback !== undefined ? fallback : answer
  }
}

/** The wire worker's half: the question that main waits on, if any. */
export class OpenPrompt {
  #answer: MessagePort | undefined

  constructor(private readonly board: Int32Array) {}

  open(answer: MessagePort): void {
    this.refuse('another prompt() took its place')
    this.#answer = answer
  }

  answer(value: unknown): void { this.#settle(PromptState.answered, typeof value === 'string' ? value : '') }
  refuse(reason: string): void { this.#settle(PromptState.refused, reason) }

  #settle(state: number, text: string): void {
    if (this.#answer === undefined) return
    this.#answer.postMessage(text)
    this.#answer.close()
    this.#answer = undefined
    Atomics.store(this.board, Board.prompt, state)
    Atomics.notify(this.board, Board.prompt)
  }
}
