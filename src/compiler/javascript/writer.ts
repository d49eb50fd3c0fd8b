// Lines of emitted text, indented, each remembering where in the user's source it came from.
import type { Where } from '../ir.js'

export class Writer {
  readonly #lines: string[] = []
  readonly #places: (Where | undefined)[] = []
  readonly #indents: number[] = []
  #depth: number
  #at: Where | undefined

  constructor(depth: number) { this.#depth = depth }

  /** Lines from now on come from `at`. */
  from(at: Where | undefined): void { if (at !== undefined) this.#at = at }

  line(text: string): void {
    this.#lines.push(text)
    this.#places.push(this.#at)
    this.#indents.push(this.#depth)
  }

  /** `head {`, what `inside` writes, `}`. */
  block(head: string, inside: () => void, tail = '}'): void {
    this.line(head === '' ? '{' : `${head} {`)
    this.indented(inside)
    this.line(tail)
  }

  indented(inside: () => void): void {
    this.#depth++
    inside()
    this.#depth--
  }

  /** The text, each line of which whose source line is another than the one before says so, and the line table. */
  finish(): { readonly lines: readonly string[]; readonly places: readonly (Where | undefined)[] } {
    let said: Where | undefined
    const lines = this.#lines.map((text, i) => {
      const at = this.#places[i]
      const isNew = at !== undefined && (said === undefined || at.line !== said.line || at.file !== said.file) && !/^[{}]/.test(text)
      if (isNew) said = at
      return `${'  '.repeat(this.#indents[i] ?? 0)}${text}${isNew ? ` // line ${at.line}` : ''}`
    })
    return { lines, places: this.#places }
  }
}
