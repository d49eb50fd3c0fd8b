// What the catalogue of diagnostics says about one code, and which facts its sentences need. Shapes only.

/** One rule of the language. Sentences may hold facts as `{name}`; braces around anything that is no single word are text. */
export interface Entry {
  readonly title: string
  readonly category: 'error' | 'note'
  /** What happened and where, one sentence. */
  readonly message: string
  /** What to write instead, where there is one thing to write. */
  readonly fix?: string
  /** Why the rule is there, in a few sentences, for `ringlab explain`. */
  readonly why: string
  /** Whether a body like this runs with `device: 'host'`, as plain JavaScript. */
  readonly host: boolean
  /** A whole `ringKernel(…)` or `kernel(…)` that breaks the rule; `Request` and `Reply` are those of `exampleSchemas`. */
  readonly wrong: string
  /** The same, right. */
  readonly right: string
}

/** What examples send and answer. */
export const exampleSchemas = `const Request = struct('Request', {
  id: u32, count: u32, scale: f32, values: array(f32, 8),
})
const Reply = struct('Reply', { id: u32, value: f32 })`

/** The names in braces of a sentence, as a union. */
export type FactNames<Text extends string | undefined> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name extends `${string}{${infer Inner}` ? FactNames<`{${Inner}}${Rest}`> : (Name extends '' | `${string} ${string}` ? never : Name) | FactNames<Rest>
  : never
