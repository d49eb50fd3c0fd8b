// What a session lends the library and the lab while it lives: where displays and logs go, which signal ends waits, what was shown before. And
// what it wants to know of them: the names that magics complete.
import { setCurrentSignal, setDisplaySink, setOutputs, addedMagics, stopLiveFigures } from '../lab/index.js'
import { deviceNames } from '../runtime/device.js'
import { defaultDevice, setDefaultDevice } from '../runtime/default-device.js'
import { RingKernelStateError } from '../runtime/errors.js'
import { actorRows, actorsOf, liveRuntimes, onActorsChanged, setBodyLog } from '../runtime/registry.js'
import { definitionNamed, definitionNames, onDefined, type Definition } from '../runtime/definition.js'
import { codeOf, isCompilable } from '../devices/body/compiled-code.js'
import type { Device } from '../runtime/types.js'
import { setDefaultSignal } from '../runtime/wait.js'
import { setBodyCompiler, type BodyCompiler } from '../compiler/compile-with.js'
import { CaptureError, registerCellSource, setBodyParser, type BodyParser } from '../source/index.js'
import type { Attribution, Owner } from './evaluate/attribution.js'
import type { Scope } from './evaluate/scope.js'
import type { RunSource } from './evaluate/sources.js'
import type { OutputSink } from './front-end.js'
import type { MagicFacts } from './magics/context.js'

export interface SurroundingsOptions {
  readonly sink: OutputSink
  readonly attribution: Attribution
  readonly scope: Scope
  readonly device: string | undefined
  readonly signal: () => AbortSignal | undefined
  readonly parseBody: BodyParser
  readonly compileBody: BodyCompiler
  readonly tell: (facts: MagicFacts) => void
}

export class Surroundings {
  /** Results by cell number: `lab.out`. */
  readonly outputs: Record<number, unknown> = {}
  readonly #unfollow: () => void
  readonly #undefine: () => void
  /** Definitions of the running cell. */
  readonly #defined: Definition[] = []

  constructor(readonly options: SurroundingsOptions) {
    const { sink, attribution, device } = options
    setDisplaySink({ display: (bundle, display) => { sink.display(attribution.current.token, bundle, display) }, clear: (wait) => { sink.clear(attribution.current.token, wait) } })
    setCurrentSignal(options.signal)
    setDefaultSignal(options.signal)
    setOutputs(() => this.outputs)
    setBodyParser(options.parseBody)
    setBodyCompiler(options.compileBody)
    if (device !== undefined) setDefaultDevice(device as Device)
    this.#undefine = onDefined((definition) => { this.#defined.push(definition) })
    this.#unfollow = onActorsChanged(() => { this.tellFacts() })
  }

  /** A cell begins: what ring kernels launched by it log is its output. */
  cellBegins(owner: Owner): void {
    this.#defined.length = 0
    setBodyLog((line) => { this.options.sink.stream(owner.token, 'stdout', `${line}\n`) })
  }

  /**
   * Compiles what the cell defined, and gives it to the live ring kernels of that name, so that a body outside the language is an error of this cell and not of a later launch. What cannot be captured yet, because
   * a later cell will declare it, is left to the launch.
   *
   * @throws CompileError
   */
  async checkDefinitions(): Promise<void> {
    const latest = this.#defined.filter((definition) => definitionNamed(definition.name) === definition)
    const defined = defaultDevice() === 'host' ? [] : this.#defined.filter((definition) => definition.device !== 'host' && isCompilable(definition))
    for (const definition of defined) {
      if (definitionNamed(definition.name) !== definition) continue
      try { await codeOf(definition) } catch (error) { if (!(error instanceof CaptureError)) throw error }
    }
    this.#defined.length = 0
    for (const definition of latest) await this.#swap(definition)
  }

  /** Live ring kernels of this name run the new code from their next message on; the cell is told what became of each. */
  async #swap(definition: Definition): Promise<void> {
    const { sink, attribution } = this.options
    for (const actor of actorsOf(definition.name)) {
      if (actor.definition === definition) continue
      const sentence = await actor.swap(definition).then((swap) => swap.sentence, (error: unknown) => {
        if (error instanceof RingKernelStateError) return undefined
        return `ring kernel '${actor.id}' keeps its old code: ${error instanceof Error ? error.message : String(error)}`
      })
      if (sentence !== undefined) sink.stream(attribution.current.token, 'stdout', `${sentence}\n`)
    }
  }

  /** Bodies defined in the cell are read from its own text. */
  addSource(url: string, source: RunSource): void {
    const { scope } = this.options
    registerCellSource(url, { text: source.text, label: source.label, toOriginal: (line, column) => source.toOffset(line, column), lookup: (name) => scope.has(name) ? { value: scope.get(name) } : undefined })
  }

  /** What completion in magics offers, as it is now. */
  tellFacts(): void {
    const devices = [...new Set(['auto', ...deviceNames(), defaultDevice()])]
    this.options.tell({ ids: actorRows().map(({ id }) => id), definitions: definitionNames(), devices, names: [], addedMagics: [...addedMagics().keys()] })
  }

  /** Ends every ring kernel and takes back what was lent; errors of ending are returned. */
  async end(): Promise<unknown[]> {
    this.#unfollow()
    this.#undefine()
    stopLiveFigures()
    const ends = await Promise.allSettled(liveRuntimes().map((runtime) => runtime.shutdown()))
    setDisplaySink(undefined)
    setCurrentSignal(() => undefined)
    setDefaultSignal(() => undefined)
    setDefaultDevice('auto')
    setBodyParser(undefined)
    setBodyCompiler(undefined)
    return ends.flatMap((end) => end.status === 'rejected' ? [end.reason as unknown] : [])
  }
}
