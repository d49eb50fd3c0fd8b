// Runs one compiled cell: loads its imports, gives its function the boxes and the object it talks to the session through, and keeps what it
// came to. Nothing here knows TypeScript or a front end.
import { dirname } from 'node:path'
import vm from 'node:vm'
import type { CompiledCell } from '../language/protocol.js'
import type { Attribution, Owner } from './attribution.js'
import type { Disposables } from './disposables.js'
import type { Interruption } from './interruption.js'
import { Modules } from './modules.js'
import type { Box, Scope } from './scope.js'

/** What the calls that magics became do. */
export interface MagicCalls { run(name: string, line: string, body?: string, use?: 'statement' | 'value'): Promise<unknown>; shell(command: string, use?: 'statement' | 'value'): Promise<unknown>; help(name: string): Promise<void> }

/** What cells of one session share. */
export interface CellWorld { readonly scope: Scope; readonly modules: Modules; readonly disposables: Disposables; readonly attribution: Attribution; readonly magics: MagicCalls }

export class CellRun {
  /** Value of the last expression. */
  result: unknown
  /** Top-level statements that ran to their end; -1 while imports load. */
  step = -1
  readonly #unvalued: readonly string[]

  constructor(readonly world: CellWorld, readonly cell: CompiledCell, readonly owner: Owner, readonly url: string, readonly interruption: Interruption) {
    const names = cell.names.filter(({ kind }) => kind !== 'type' && kind !== 'ambient').map(({ name }) => name)
    this.#unvalued = names.filter((name) => !world.scope.has(name))
  }

  /** Names that had no value before and have one now. */
  get valued(): readonly string[] { return this.#unvalued.filter((name) => this.world.scope.has(name)) }

  async run(): Promise<void> {
    const { cell, world } = this
    if (cell.modules.length > 0) await this.#import()
    for (const { name, kind } of cell.names) if (kind !== 'type' && kind !== 'ambient' && kind !== 'import') world.scope.declare(name, this.owner.label)
    if (this.interruption.happened) throw this.interruption.signal.reason as Error
    this.step = 0
    // Not awaited when the cell is not asynchronous: its result must not wait for a turn of the loop.
    const running = this.#start()
    if (cell.isAsync) await running
  }

  /** The cell is over, however it ended. */
  ended(): void { for (const name of this.#unvalued) this.world.scope.ended(name) }

  async #import(): Promise<void> {
    const { cell, world } = this
    const namespaces = []
    for (const { specifier, attributes } of cell.modules) namespaces.push(await world.attribution.run(this.owner, () => world.modules.import(specifier, attributes)))
    for (const { name, module, property } of cell.imports) {
      const namespace = namespaces[module] ?? {}
      if (!Modules.has(namespace, property)) throw new SyntaxError(`The module '${cell.modules[module]?.specifier ?? ''}' does not provide an export named '${property}'`)
      world.scope.import(name, () => Modules.read(namespace, property))
    }
  }

  #start(): unknown {
    const { cell, world } = this
    const { prefix } = cell
    const parameters = [prefix, 'require', '__filename', '__dirname', '$magic', '$shell', '$help', ...cell.boxes.map((name) => prefix + name)]
    const text = `(${cell.isAsync ? 'async ' : ''}function (${parameters.join(', ')}) { "use strict";\n${cell.code}\n})`
    const script = new vm.Script(text, { filename: this.url, lineOffset: -1 })
    const { modules } = world
    const body = script.runInThisContext() as (...values: unknown[]) => unknown
    const values = [this.#session(), modules.require, modules.base.file, dirname(modules.base.file), ...this.#magicFunctions(), ...cell.boxes.map((name) => world.scope.box(name))]
    return world.attribution.run(this.owner, () => Reflect.apply(body, undefined, values))
  }

  /** `$magic`, `$shell` and `$help` of emitted code. */
  #magicFunctions(): unknown[] {
    const { magics } = this.world
    return [(...given: Parameters<MagicCalls['run']>) => magics.run(...given), (...given: Parameters<MagicCalls['shell']>) => magics.shell(...given), (name: string) => magics.help(name)]
  }

  /** `$$` in emitted code. */
  #session(): object {
    const { world, interruption } = this
    const session = {
      meta: world.modules.meta,
      import: (specifier: unknown, options?: { with?: Readonly<Record<string, string>> }) => world.modules.import(String(specifier), options?.with),
      wait: (value: unknown) => interruption.wait(value),
      iterate: (values: AsyncIterable<unknown>) => interruption.iterate(values),
      hoist: (box: Box) => { if (!Object.hasOwn(box, 'v')) box.v = undefined },
      own: (name: string, value: unknown, isAsync: boolean) => world.disposables.own(name, value, isAsync),
      release: (name: string) => { void world.disposables.release(name) },
      releaseAsync: (name: string) => world.disposables.release(name),
    }
    return Object.defineProperties(session, {
      result: { set: (value: unknown) => { this.result = value } },
      step: { set: (value: number) => { this.step = value } },
    })
  }
}
