// Finds magics (`%name …`, `%%name …`), shell lines (`!command`) and help (`?name`, `name?`) in a cell, by TypeScript's own scanner: a mark
// counts only where a statement or the right side of `=` begins, never inside a string, template, comment, regex or expression.
import type ts from 'typescript'
import type { Replacement } from './positions.js'
import type { TypeScript } from './typescript.js'

export interface MagicStatement { readonly start: number; readonly end: number; readonly kind: 'magic' | 'shell' | 'help'; readonly name: string; readonly line: string; readonly body?: string; /** Alone, or on the right of `=`. */ readonly use: 'statement' | 'value' }

/** Every magic of a cell, in order. `isBound` says whether a word is a name of the session, so that `!done` stays TypeScript. */
export function findMagics(ts: TypeScript, code: string, isBound: (word: string) => boolean): MagicStatement[] {
  const whole = /^(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*%%([A-Za-z_][\w-]*)[^\S\n]*([^\n]*)(?:\n([\s\S]*))?$/.exec(code)
  if (whole?.[1] !== undefined) return [{ start: code.indexOf('%%'), end: code.length, kind: 'magic', name: whole[1], line: (whole[2] ?? '').trim(), body: whole[3] ?? '', use: 'statement' }]
  if (!/[%!?]/.test(code)) return []
  return new MagicScanner(ts, code, isBound).run()
}

/** The calls that replace the magics. */
export function magicReplacements(magics: readonly MagicStatement[]): Replacement[] {
  return magics.map(({ start, end, kind, name, line, body, use }) => {
    const call = kind === 'shell' ? `$shell(${JSON.stringify(line)}, '${use}')` : kind === 'help' ? `$help(${JSON.stringify(name)})`
      : `$magic(${JSON.stringify(name)}, ${JSON.stringify(line)}, ${body === undefined ? 'undefined' : JSON.stringify(body)}, '${use}')`
    return { start, end, text: `await ${call};` }
  })
}

class MagicScanner {
  readonly #scanner: ts.Scanner
  readonly #found: MagicStatement[] = []
  /** Open brackets; `$` marks a template's `${`. */
  readonly #open: string[] = []
  #previous: ts.SyntaxKind | undefined

  constructor(readonly ts: TypeScript, readonly code: string, readonly isBound: (word: string) => boolean) {
    this.#scanner = ts.createScanner(ts.ScriptTarget.ESNext, true, ts.LanguageVariant.Standard, code, () => { /* the parser reports */ })
  }

  run(): MagicStatement[] {
    const { SyntaxKind } = this.ts
    for (let token = this.#scanner.scan(); token !== SyntaxKind.EndOfFileToken; token = this.#scanner.scan()) {
      const magic = this.#magicHere(token)
      if (magic) {
        this.#found.push(magic)
        this.#scanner.resetTokenState(magic.end)
        this.#previous = SyntaxKind.SemicolonToken
        continue
      }
      this.#previous = this.#follow(token)
    }
    return this.#found
  }

  #magicHere(token: ts.SyntaxKind): MagicStatement | undefined {
    const { SyntaxKind } = this.ts
    const start = this.#scanner.getTokenStart()
    const end = lineEnd(this.code, start)
    const rest = this.code.slice(start, end)
    const afterEquals = this.#previous === SyntaxKind.EqualsToken
    const opensStatement = !afterEquals && this.#startsStatement(start)
    if (!afterEquals && !opensStatement) return undefined
    if (token === SyntaxKind.PercentToken || token === SyntaxKind.PercentEqualsToken) return this.#percent(start, end, rest, afterEquals)
    if (token === SyntaxKind.ExclamationToken) return this.#shell(start, end, rest, afterEquals)
    if (!opensStatement) return undefined
    const asked = /^\?{1,2}\s*(%{0,2}[\w$.-]+)\s*;?\s*$/.exec(rest) ?? /^(%{0,2}[\w$.]+)\?{1,2}\s*$/.exec(rest)
    if (asked?.[1] !== undefined && !this.#isConditional(start, rest)) return { start, end, kind: 'help', name: asked[1], line: '', use: 'statement' }
    return undefined
  }

  #percent(start: number, end: number, rest: string, afterEquals: boolean): MagicStatement | undefined {
    const asked = /^(%{1,2}[A-Za-z_][\w-]*)\?{1,2}\s*$/.exec(rest)
    if (asked?.[1] !== undefined) return { start, end, kind: 'help', name: asked[1], line: '', use: 'statement' }
    const called = /^%([A-Za-z_][\w-]*)(.*)$/.exec(rest)
    if (called?.[1] === undefined) return undefined
    if (!afterEquals && this.#endsExpression() && this.isBound(called[1])) return undefined
    return { start, end, kind: 'magic', name: called[1], line: (called[2] ?? '').trim(), use: afterEquals ? 'value' : 'statement' }
  }

  #shell(start: number, end: number, rest: string, afterEquals: boolean): MagicStatement | undefined {
    const word = /^!\s*([A-Za-z_./~][\w./~+-]*)/.exec(rest)?.[1]
    if (word === undefined) return undefined
    const name = /^[A-Za-z_$][\w$]*/.exec(word)?.[0]
    if (name !== undefined && name === word.split('.')[0] && (this.#isKeyword(name) || this.isBound(name) || name in globalThis || this.#occursElsewhere(name, start, end))) return undefined
    return { start, end, kind: 'shell', name: '!', line: rest.slice(1).trim(), use: afterEquals ? 'value' : 'statement' }
  }

  /** First on its line and outside brackets, where the line before does not call for more. */
  #startsStatement(start: number): boolean {
    if (this.#previous === undefined) return true
    if (this.#open.some((bracket) => bracket !== '{')) return false
    const { SyntaxKind } = this.ts
    if (this.#previous === SyntaxKind.SemicolonToken) return true
    if (!this.#scanner.hasPrecedingLineBreak() && this.code[start - 1] !== '\n') return false
    return this.#endsExpression() || this.#previous === SyntaxKind.OpenBraceToken || this.#previous === SyntaxKind.CloseBraceToken
  }

  #endsExpression(): boolean {
    const { SyntaxKind } = this.ts
    const kind = this.#previous
    if (kind === undefined) return false
    if (kind >= SyntaxKind.FirstLiteralToken && kind <= SyntaxKind.LastLiteralToken) return true
    if (kind === SyntaxKind.Identifier || kind > SyntaxKind.LastReservedWord && kind <= SyntaxKind.LastKeyword) return true
    return [SyntaxKind.CloseParenToken, SyntaxKind.CloseBracketToken, SyntaxKind.CloseBraceToken, SyntaxKind.TemplateTail, SyntaxKind.PlusPlusToken, SyntaxKind.MinusMinusToken,
      SyntaxKind.ThisKeyword, SyntaxKind.SuperKeyword, SyntaxKind.NullKeyword, SyntaxKind.TrueKeyword, SyntaxKind.FalseKeyword, SyntaxKind.ExclamationToken,
      SyntaxKind.BreakKeyword, SyntaxKind.ContinueKeyword].includes(kind)
  }

  /** `a\n? b\n: c` and `a?\nb : c` are TypeScript: what follows has its colon. */
  #isConditional(start: number, rest: string): boolean {
    if (rest.startsWith('?')) return this.#endsExpression() && this.#previous !== this.ts.SyntaxKind.SemicolonToken && /^\s*:/.test(this.code.slice(start + rest.length))
    const parsed = this.ts.createSourceFile('/scan.ts', this.code.slice(start), this.ts.ScriptTarget.ESNext)
    const first = parsed.statements[0]
    return first !== undefined && this.ts.isExpressionStatement(first) && this.ts.isConditionalExpression(first.expression) && first.expression.whenFalse.end > first.expression.colonToken.end
  }

  #isKeyword(word: string): boolean {
    const token = this.ts.createScanner(this.ts.ScriptTarget.ESNext, true, this.ts.LanguageVariant.Standard, word).scan()
    return token >= this.ts.SyntaxKind.FirstKeyword && token <= this.ts.SyntaxKind.LastReservedWord || word === 'await'
  }

  #occursElsewhere(word: string, start: number, end: number): boolean {
    const pattern = new RegExp(`(?<![\\w$.'"\`-])${word.replace(/\$/g, '\\$')}(?![\\w$'"\`-])`)
    const others = `${this.code.slice(0, start)}\n${this.code.slice(end)}`.split('\n').filter((line) => !/^\s*[%!]/.test(line)).join('\n')
    return pattern.test(others)
  }

  /** Keeps track of brackets, templates and regular expressions; returns the kind of what was scanned. */
  #follow(token: ts.SyntaxKind): ts.SyntaxKind {
    const { SyntaxKind } = this.ts
    switch (token) {
      case SyntaxKind.OpenParenToken: this.#open.push('('); break
      case SyntaxKind.OpenBracketToken: this.#open.push('['); break
      case SyntaxKind.OpenBraceToken: this.#open.push('{'); break
      case SyntaxKind.TemplateHead: this.#open.push('$'); break
      case SyntaxKind.CloseParenToken: case SyntaxKind.CloseBracketToken: this.#open.pop(); break
      case SyntaxKind.CloseBraceToken: {
        if (this.#open.at(-1) !== '$') { this.#open.pop(); break }
        const part = this.#scanner.reScanTemplateToken(false)
        if (part === SyntaxKind.TemplateTail) this.#open.pop()
        return part
      }
      case SyntaxKind.SlashToken: case SyntaxKind.SlashEqualsToken:
        if (!this.#endsExpression()) return this.#scanner.reScanSlashToken()
        break
      default:
    }
    return token
  }
}

function lineEnd(code: string, from: number): number {
  const end = code.indexOf('\n', from)
  const stop = end === -1 ? code.length : end
  return code[stop - 1] === '\r' ? stop - 1 : stop
}
