// A session in a few lines: names in one object, expressions evaluated as JavaScript, output kept. Enough to run magics against.
import { createContext, runInContext } from 'node:vm'
import ts from 'typescript'
import { setCurrentSignal, setDisplaySink } from '#ringlab/lab/index.js'
import { createMagics } from '#ringlab/session/magics/index.js'
import type { MagicContext, Magics } from '#ringlab/session/magics/index.js'

export interface SmallSession {
  readonly magics: Magics
  readonly names: Record<string, unknown>
  /** What was printed since the last call, `stderr` in angle brackets. */
  printed(): string
  /** What the pager showed. */
  readonly pages: string[]
  /** Displays and their updates, as text. */
  readonly displayed: { readonly text: string; readonly update: boolean }[]
  /** Interrupts the running cell. */
  interrupt(): void
}

export function smallSession(names: Record<string, unknown> = {}, directory = '/'): SmallSession {
  let text = ''
  let controller = new AbortController()
  const pages: string[] = []
  const scope = createContext(Object.assign(names, { performance }))
  const javascript = (code: string): string => ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2023, alwaysStrict: false } }).outputText
  const context: MagicContext = {
    async evaluate(expression) { return await (runInContext(javascript(`(async () => (${expression}))`), scope) as () => Promise<unknown>)() },
    execute: (code) => Promise.resolve(runInContext(javascript(code), scope) as unknown),
    names: () => Object.entries(names).filter(([name]) => name !== 'performance').map(([name, value]) => ({ name, type: typeof value, value })),
    print: (part, stream = 'stdout') => { text += stream === 'stderr' ? `<${part}>` : part },
    page: (bundle) => { pages.push(String(bundle['text/plain'])) },
    inspect: (name) => Promise.resolve(name in names ? { 'text/plain': `const ${name}` } : undefined),
    cellLabel: () => 'cell [1]',
    directory: () => directory,
  }
  const displayed: SmallSession['displayed'] = []
  setDisplaySink({ display: (bundle, { update }) => { displayed.push({ text: String(bundle['text/plain']), update: update === true }) }, clear() { /* nothing is shown */ } })
  setCurrentSignal(() => controller.signal)
  return {
    magics: createMagics(context), names, pages, displayed,
    printed() { const all = text; text = ''; return all },
    interrupt() { controller.abort(new Error('interrupted')); controller = new AbortController() },
  }
}
