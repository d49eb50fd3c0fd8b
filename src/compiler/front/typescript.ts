// TypeScript's own module, loaded when a body is compiled and not before: importing the compiler costs nothing.
import { createRequire } from 'node:module'
import type typescript from 'typescript'

/** The parser; set by `loadTypeScript`. */
export let ts: typeof typescript
let loaded = false

/** Loads TypeScript once, or takes the one given: a session's language worker has it already. */
export function loadTypeScript(given?: typeof typescript): void {
  if (loaded && !given) return
  ts = given ?? createRequire(import.meta.url)('typescript') as typeof typescript
  loaded = true
}

/** Names of all kinds of nodes, as in `Block`. */
export type KindName = keyof typeof typescript.SyntaxKind

const names = new Map<number, KindName>()

/** The name of a kind of node; markers such as `FirstStatement`, which share numbers with kinds, are none. */
export function kindName(kind: typescript.SyntaxKind): KindName {
  if (names.size === 0) {
    for (const [name, number] of Object.entries(ts.SyntaxKind)) {
      if (typeof number === 'number' && !names.has(number)) names.set(number, name as KindName)
    }
  }
  return names.get(kind) ?? 'Unknown'
}
