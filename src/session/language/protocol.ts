// What main and the language worker say to each other. Plain data only, posted over MessagePorts.
import type { CompileOutcome } from '../../compiler/compiled.js'
import type { CompileRequest as BodyRequest } from '../../compiler/request.js'
import type { ParsedBody, ParseRequest } from '../../source/index.js'
import type { Completeness, Completion, Inspection } from '../front-end.js'
import type { MagicFacts } from '../magics/context.js'

/** How a later cell sees a name of the session. `ambient` has no box: it was declared with `declare`. */
export type NameKind = 'const' | 'let' | 'import' | 'function' | 'class' | 'type' | 'enum' | 'namespace' | 'using' | 'await using' | 'ambient'

export interface DeclaredName {
  readonly name: string
  readonly kind: NameKind
  /** Which top-level statement gives it its value; `-1` is the hoisted start of the cell. */
  readonly step: number
  /** Its type in words, for %who and for hovering. */
  readonly type: string
  /** It is a type as well as a value, or only a type. */
  readonly isType: boolean
}

/** One module a cell imports; its namespace object becomes `index` of the cell's imports. */
export interface ImportedModule { readonly specifier: string; readonly attributes?: Readonly<Record<string, string>> }
/** A name the cell imports: reads of it are reads of `property` of the module's namespace; `*` is the namespace itself. */
export interface ImportedName { readonly name: string; readonly module: number; readonly property: string }

/** Lines and columns from 1, in the user's own text. */
export interface Problem { readonly code: number; readonly message: string; readonly line: number; readonly column: number; readonly length: number; readonly offset: number; readonly hint?: string }

/** Where emitted text came from: pairs of user start, user end, emitted start, emitted end; see `positions.ts`. */
export interface CompiledCell {
  readonly status: 'compiled'
  /** Body of the cell's function; its parameters are in `parameters`. */
  readonly code: string
  /** Source map mappings (VLQ) of `code` to the checked text. */
  readonly mappings: string
  /** Edits that made the checked text out of the user's; see `positions.ts`. */
  readonly edits: readonly (readonly [number, number, number, number])[]
  readonly checkedText: string
  readonly isAsync: boolean
  /** Prefix of the box parameters: name `x` is parameter `${prefix}x`. */
  readonly prefix: string
  readonly boxes: readonly string[]
  readonly modules: readonly ImportedModule[]
  readonly imports: readonly ImportedName[]
  readonly names: readonly DeclaredName[]
  readonly warnings: readonly Problem[]
}
export interface RefusedCell { readonly status: 'refused'; readonly problems: readonly Problem[] }

/** What a restarted worker needs of a cell to go on as if it had compiled it. */
export interface CellRecord { readonly id: number; readonly text: string; readonly names: readonly DeclaredName[]; readonly augments: boolean; readonly kernels: readonly (readonly [string, string])[] }

export interface CompileRequest {
  readonly kind: 'compile'; readonly id: number; readonly code: string
  /** An expression evaluated for a magic: declares nothing, sees the running cell's names. */
  readonly expression?: boolean
}
export type LanguageRequest =
  | CompileRequest
  | { readonly kind: 'transpile'; readonly path: string; readonly text: string }
  | { readonly kind: 'parseBody'; readonly request: ParseRequest }
  | { readonly kind: 'compileBody'; readonly request: BodyRequest }
  | { readonly kind: 'complete'; readonly code: string; readonly offset: number }
  | { readonly kind: 'inspect'; readonly code: string; readonly offset: number; readonly detail: 0 | 1 }
  | { readonly kind: 'isComplete'; readonly code: string }

export interface LanguageAnswers {
  compile: (CompiledCell & { readonly record?: CellRecord }) | RefusedCell
  transpile: { readonly code: string; readonly mappings: string } | RefusedCell
  parseBody: ParsedBody
  compileBody: CompileOutcome
  complete: Completion
  inspect: Inspection
  isComplete: Completeness
}

/** Told, not asked. */
export type LanguageNotice =
  | { readonly kind: 'settled'; readonly id: number; /** Statements that ran to their end, or `all`. */ readonly reached: number | 'all'; /** Names that had a value all the same. */ readonly valued: readonly string[] }
  | { readonly kind: 'names'; readonly names: readonly SessionName[] }
  | { readonly kind: 'forget'; readonly names: readonly string[] | 'all' }
  | { readonly kind: 'facts'; readonly facts: MagicFacts }
  | { readonly kind: 'port'; readonly port: import('node:worker_threads').MessagePort }

export interface LanguageWorkerData { readonly directory: string; readonly records: readonly CellRecord[]; readonly names: readonly SessionName[]; readonly cacheFolder: string | undefined; readonly facts: MagicFacts }

/** A name of the session and the cell that declared it. */
export interface SessionName extends DeclaredName { readonly cell: number }

export type Numbered<T> = T & { readonly number: number }
export interface Answer { readonly number: number; readonly value?: unknown; readonly error?: string }
