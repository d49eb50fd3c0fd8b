// The text being written: lines, their indentation, and where in the user's source each came from. Knows no C++ beyond `#line`.
import type { Where } from '../ir.js'

export class Writer {
  readonly #lines: string[] = []
  readonly #where: (Where | undefined)[] = []
  readonly #files: readonly string[]
  readonly #own: string
  #depth = 0
  #at: Where | undefined
  /** The line of the user's that the compiler takes the next line of text for. */
  #expected: { file: number; line: number } | undefined

  /** `own`: what the text itself is called where it is nobody else's. */
  constructor(files: readonly string[], own: string) {
    this.#files = files
    this.#own = own
  }

  /** From here on, lines come from there; undefined: from the compiler. */
  from(at: Where | undefined): void { this.#at = at }

  line(text: string): void {
    this.#direct()
    this.#lines.push(text === '' ? '' : '  '.repeat(this.#depth) + text)
    this.#where.push(this.#at)
    if (this.#expected) this.#expected = { file: this.#expected.file, line: this.#expected.line + 1 }
  }

  /** A label stands one step to the left of what it labels. */
  label(name: string, empty = ''): void {
    this.#depth--
    this.line(`${name}:${empty}`)
    this.#depth++
  }

  /** `head {`, what `inside` writes, `}` and `tail`. */
  block(head: string, inside: () => void, tail = ''): void {
    this.line(`${head}${head === '' ? '' : ' '}{`)
    this.#depth++
    inside()
    this.#depth--
    this.line(`}${tail}`)
  }

  /** What follows a `block` whose tail opened another one. */
  rest(inside: () => void): void {
    this.#depth++
    inside()
    this.#depth--
    this.line('}')
  }

  /** Text of several lines as it stands. */
  text(text: string): void { for (const line of text.replace(/\n$/, '').split('\n')) this.line(line) }

  get result(): { readonly text: string; readonly lines: readonly (Where | undefined)[] } {
    return { text: `${this.#lines.join('\n')}\n`, lines: this.#where }
  }

  /** Messages of the CUDA compiler, debuggers and profilers name the user's lines: a directive wherever the next line would be taken for another. */
  #direct(): void {
    const at = this.#at
    const file = at && this.#files[at.file]
    if (at === undefined || file === undefined) {
      if (this.#expected) this.#push(`#line ${this.#lines.length + 2} ${JSON.stringify(this.#own)}`, undefined)
      this.#expected = undefined
      return
    }
    if (this.#expected?.file === at.file && this.#expected.line === at.line) return
    this.#push(`#line ${at.line} ${JSON.stringify(file)}`, at)
    this.#expected = { file: at.file, line: at.line }
  }

  #push(text: string, at: Where | undefined): void {
    this.#lines.push(text)
    this.#where.push(at)
  }
}
