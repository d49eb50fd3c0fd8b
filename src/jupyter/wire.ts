// The wire put together: sockets, queue, interrupt, output, comms, figures and the way out, each from its own file, joined here and nowhere
// else. No behaviour of its own beyond who calls whom.

import { writeSync } from 'node:fs'
import type { MessagePort } from 'node:worker_threads'
import type { LanguageQuestions } from '../session/front-end.js'
import type { CapturedOutput } from './captured-output.js'
import { signalChildren } from './children.js'
import { CommTable } from './comms.js'
import { Arrivals } from './arrivals.js'
import { ExecuteQueue } from './execute-queue.js'
import { Codec } from './frames.js'
import { mainListener } from './from-main.js'
import { History } from './history.js'
import { kernelInfo } from './identity.js'
import { Interrupter } from './interrupt.js'
import { Iopub } from './iopub.js'
import { Leaving } from './leaving.js'
import { Board } from './link.js'
import type { NumberedToWire, ToMain, WireStart } from './link.js'
import type { LiveFigures } from './live-figures.js'
import { MainInspector } from './main-inspector.js'
import { answer } from './requests.js'
import type { RequestParts } from './requests.js'
import { SigintWatch } from './sigint.js'
import { Sender, closeSockets, readForever } from './sockets.js'
import type { Sockets } from './sockets.js'
import { OpenPrompt } from './stdin.js'
import type { StreamName } from './text-frames.js'
import { watchHeap, watchParent } from './watches.js'

export interface WireParts {
  readonly start: WireStart
  readonly board: Int32Array
  readonly main: MessagePort
  readonly sockets: Sockets
  readonly report: (error: unknown) => void
}

export class Wire {
  readonly #parts: WireParts
  readonly #codec: Codec
  readonly #senders: Record<keyof Sockets, Sender>
  readonly #iopub: Iopub
  readonly #queue: ExecuteQueue
  readonly #history = new History()
  readonly #comms = new CommTable(message => { this.#post(message) })
  readonly #prompt: OpenPrompt
  readonly #inspector = new MainInspector()
  readonly #sigint = new SigintWatch(() => { this.#interrupt() })
  readonly #heap
  readonly #interrupter = new Interrupter({
    running: () => this.#queue.running,
    tellMain: (token, probe) => { this.#post({ kind: 'interrupt', token, probe }) },
    signalChildren: signalled => { signalChildren('SIGINT', signalled) },
    terminate: done => { this.#inspector.terminateExecution(done) },
    settle: token => { this.#post({ kind: 'settle', token }) },
    hold: held => { this.#queue.hold(held) },
  })
  readonly #leaving = new Leaving({
    interrupt: () => { this.#interrupt() },
    stopSession: deadlineMs => {
      this.#queue.close()
      this.#post({ kind: 'shutdown', deadlineMs })
    },
    closeWire: () => this.#close(),
    endChildren: () => { signalChildren('SIGTERM') },
    leaveMain: code => { this.#post({ kind: 'leave', code }) },
    exitNow: code => { this.#exitNow(code) },
  })
  readonly #arrivals: Arrivals
  #output: CapturedOutput | undefined
  #exitNow: (code: number) => void = () => process.kill(process.pid, 'SIGKILL')
  #figures: Promise<LiveFigures> | undefined
  #languageReady!: (questions: Promise<LanguageQuestions>) => void
  readonly #language = new Promise<LanguageQuestions>(resolve => { this.#languageReady = resolve })

  constructor(parts: WireParts) {
    this.#parts = parts
    const { sockets, start, board } = parts
    this.#codec = new Codec(start.connection.key, start.connection.hash)
    this.#senders = { shell: new Sender(sockets.shell), control: new Sender(sockets.control), stdin: new Sender(sockets.stdin), heartbeat: new Sender(sockets.heartbeat), iopub: new Sender(sockets.iopub) }
    this.#iopub = new Iopub(this.#senders.iopub, this.#codec)
    this.#prompt = new OpenPrompt(board)
    this.#heap = watchHeap(start.heapLimitBytes, bytes => { this.#inspector.heapUsedBytes(bytes) }, text => { this.#toCell(undefined, 'stderr', text) })
    this.#queue = new ExecuteQueue({
      iopub: this.#iopub, history: this.#history,
      run: request => { this.#post({ kind: 'execute', request }) },
      drainOutput: () => { this.#output?.settle() },
      onRunningChange: running => {
        this.#heap.setRunning(running)
        this.#sigint.setRunning(running)
      },
    })
    this.#arrivals = this.#joinArrivals()
  }

  /** From now on clients and main are heard. */
  listen(): void {
    const { sockets, main, report } = this.#parts
    main.on('message', (message: NumberedToWire) => { this.#arrivals.message(message) })
    const requests: RequestParts = {
      iopub: this.#iopub, queue: this.#queue, history: this.#history, comms: this.#comms, kernelInfoText: kernelInfo(), language: this.#language,
      interrupt: () => { this.#interrupt() },
      shutdown: () => { this.#leaving.begin(0) },
    }
    for (const [socket, sender] of [[sockets.shell, this.#senders.shell], [sockets.control, this.#senders.control]] as const) {
      void readForever(socket, frames => { this.#take(frames, sender, requests) }, report)
    }
    void readForever(sockets.heartbeat, frames => { this.#senders.heartbeat.send(frames) }, report)
    void readForever(sockets.iopub, frames => { this.#iopub.onSubscription(frames) }, report)
    void readForever(sockets.stdin, frames => {
      const incoming = this.#codec.decode(frames)
      if (!('dropped' in incoming) && incoming.header.msg_type === 'input_reply') this.#prompt.answer(incoming.content['value'])
    }, report)
    watchParent(() => { this.#leaving.begin(1) })
    this.#iopub.status('{}', 'starting')
  }

  /** Captures what is written to the process's descriptors; then cells may run. */
  open(capture: typeof import('./captured-output.js'), libc: typeof import('./libc.js')): void {
    this.#exitNow = libc.exitNow
    this.#output = capture.captureOutput(this.#parts.start.mark, pieces => { this.#arrivals.pieces(pieces) })
    Atomics.store(this.#parts.board, Board.realStderr, this.#output.realStderr)
    this.#queue.open()
  }

  /** Lets go of the main thread's inspector: connected at exit, it would wait for a debugger. */
  disconnect(): void { this.#inspector.close() }

  #post(message: ToMain): void { this.#parts.main.postMessage(message) }

  #take(frames: Buffer[], sender: Sender, requests: RequestParts): void {
    const incoming = this.#codec.decode(frames)
    if ('dropped' in incoming) return
    answer(requests, {
      incoming,
      reply: (type, contentText) => { sender.send(this.#codec.encode(incoming.identities, { type, parentText: incoming.headerText, contentText })) },
    })
  }

  #joinArrivals(): Arrivals {
    const listener = mainListener({
      iopub: this.#iopub, queue: this.#queue, comms: this.#comms, prompt: this.#prompt, interrupter: this.#interrupter, leaving: this.#leaving,
      codec: this.#codec, stdin: this.#senders.stdin,
      interrupt: () => { this.#interrupt() },
      // Drawing and the language worker's client are loaded when first needed: the start must not wait for them.
      figures: () => this.#figures ??= this.#openFigures(),
      languageReady: port => { this.#languageReady(import('../session/language/client.js').then(client => client.askLanguage(port))) },
    })
    return new Arrivals(this.#parts.board, this.#parts.main, listener, ({ token, name, text }) => { this.#toCell(token, name, text) }, () => { this.#output?.drain() })
  }

  async #openFigures(): Promise<LiveFigures> {
    const [{ LiveFigures }, { readCounters }] = await Promise.all([import('./live-figures.js'), import('../ring/counters.js')])
    return new LiveFigures(this.#iopub, readCounters, () => this.#queue.runningJob?.incoming.headerText)
  }

  /** Output of a cell, or of the newest one; before the first cell it goes where this process wrote before. */
  #toCell(token: number | undefined, name: StreamName, text: string): void {
    const parent = token === undefined ? this.#queue.newestParent : this.#queue.parentOf(token)
    if (parent !== undefined) this.#iopub.stream(parent, name, text)
    else if (this.#output !== undefined) writeSync(name === 'stdout' ? this.#output.realStdout : this.#output.realStderr, text)
  }

  #interrupt(): void {
    this.#prompt.refuse('prompt() was interrupted')
    this.#queue.abortWaiting()
    this.#interrupter.request()
  }

  async #close(): Promise<void> {
    this.#interrupter.stop()
    this.#heap.stop()
    if (this.#figures !== undefined) (await this.#figures).close()
    this.#output?.settle()
    this.#iopub.flush()
    await Promise.all(Object.values(this.#senders).map(sender => sender.settled()))
    this.#inspector.close()
    closeSockets(this.#parts.sockets)
  }
}
