// What magics may do with the session that runs them.
import type { Attribution } from './evaluate/attribution.js'
import type { Scope } from './evaluate/scope.js'
import type { OutputSink } from './front-end.js'
import type { LanguageThread } from './language/thread.js'
import type { MagicContext } from './magics/context.js'

export interface MagicContextOptions {
  readonly sink: OutputSink
  readonly attribution: Attribution
  readonly scope: Scope
  readonly language: LanguageThread
  readonly folder: string
  /** Code as a part of the running cell; the value comes in an array, so that a promise stays one. */
  readonly execute: (code: string, isExpression: boolean) => Promise<[unknown]>
  /** Keeps a page for the running cell's answer. */
  readonly page: (bundle: Readonly<Record<string, unknown>>) => void
}

export function magicContext({ sink, attribution, scope, language, folder, execute, page }: MagicContextOptions): MagicContext {
  return {
    async evaluate(expression) { const [value] = await execute(expression, true); return value },
    async execute(code) { const [value] = await execute(code, false); return value },
    names: () => [...language.names.all()].filter(({ kind }) => kind !== 'ambient')
      .map(({ name, type, kind }) => ({ name, type, value: kind !== 'type' && scope.has(name) ? scope.get(name) : undefined })),
    print: (text, stream = 'stdout') => { sink.stream(attribution.current.token, stream, text) },
    page,
    async inspect(name) {
      const { found, bundle } = await language.ask({ kind: 'inspect', code: name, offset: name.length, detail: 0 })
      return found ? bundle : undefined
    },
    cellLabel: () => attribution.current.label,
    directory: () => folder,
  }
}
