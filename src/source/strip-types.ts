// Types out of a function's text, by blanking: every character that stays keeps its line and column, so faults need no source map.

import type typescript from 'typescript'

type TS = typeof typescript
type Node = typescript.Node

interface Span { readonly from: number; readonly to: number; readonly instead?: string }

/**
 * `root`'s text without its types. What has no JavaScript of the same shape (an enum, a namespace, a parameter property) is
 * printed by TypeScript instead, which keeps the meaning and loses the columns.
 */
export function stripTypes(ts: TS, file: typescript.SourceFile, root: Node): string {
  const start = root.getStart(file)
  const text = file.text.slice(start, root.end)
  const spans: Span[] = []
  if (!collect(ts, file, root, spans)) return printed(ts, text, root)
  let stripped = ''
  let at = start
  for (const span of spans.sort((a, b) => a.from - b.from)) {
    if (span.to <= at) continue
    const from = Math.max(span.from, at)
    stripped += file.text.slice(at, from) + (span.instead ?? '') + blank(file.text.slice(from, span.to)).slice(span.instead?.length ?? 0)
    at = span.to
  }
  return stripped + file.text.slice(at, root.end)
}

/** Spaces, but line ends stay. */
function blank(text: string): string {
  return text.replace(/[^\r\n\u2028\u2029]/g, ' ')
}

/** Gathers what to blank; false when blanking cannot do it. */
function collect(ts: TS, file: typescript.SourceFile, node: Node, spans: Span[]): boolean {
  const start = (part: Node): number => part.getStart(file)
  const cut = (from: number, to: number, instead?: string): void => { spans.push(instead === undefined ? { from, to } : { from, to, instead }) }
  if (ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node)) return isDeclared(ts, node) ? (cut(start(node), node.end), true) : false
  if (isErasedWhole(ts, node)) { cut(start(node), node.end, ts.isClassElement(node) || ts.isStatement(node) ? ';' : undefined); return true }
  if (ts.isParameter(node) && (node.modifiers?.length ?? 0) > 0) return false
  if (ts.isTypeAssertionExpression(node)) { cut(start(node), start(node.expression)); return collect(ts, file, node.expression, spans) }
  for (const modifier of ts.canHaveModifiers(node) ? ts.getModifiers(node) ?? [] : []) if (isTypeModifier(ts, modifier)) cut(start(modifier), modifier.end)
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) cut(node.expression.end, node.end)
  if (ts.isNonNullExpression(node)) cut(node.expression.end, node.end)
  if (ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ImplementsKeyword) { cut(start(node), node.end); return true }
  cutAnnotations(ts, file, node, cut)
  let possible = true
  ts.forEachChild(node, (child) => { possible &&= ts.isTypeNode(child) && !ts.isExpressionWithTypeArguments(child) ? true : collect(ts, file, child, spans) })
  return possible
}

/** `: T`, `?`, `!`, `<T>` on declarations, and `<T>` on calls. */
function cutAnnotations(ts: TS, file: typescript.SourceFile, node: Node, cut: (from: number, to: number) => void): void {
  const part = node as { type?: Node; typeParameters?: typescript.NodeArray<Node> }
  const mark = (token: Node | undefined): void => { if (token) cut(token.getStart(file), token.end) }
  if (ts.isParameter(node) || ts.isPropertyDeclaration(node) || ts.isMethodDeclaration(node)) mark(node.questionToken)
  if (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) mark(node.exclamationToken)
  if (ts.isParameter(node) && ts.isIdentifier(node.name) && node.name.text === 'this') {
    const comma = /^\s*,/.exec(file.text.slice(node.end))
    cut(node.getStart(file), node.end + (comma?.[0].length ?? 0))
  }
  const typed = ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node) || ts.isFunctionLike(node)
  if (typed && part.type) cut(file.text.lastIndexOf(':', part.type.getStart(file)), part.type.end)
  const list = part.typeParameters ?? (ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isTaggedTemplateExpression(node) || ts.isExpressionWithTypeArguments(node) ? node.typeArguments : undefined)
  if (list && list.length > 0) cut(list.pos - 1, file.text.indexOf('>', list.end) + 1)
}

/** Interfaces, type aliases, `declare …`, overload signatures, abstract members, index signatures. */
function isErasedWhole(ts: TS, node: Node): boolean {
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isIndexSignatureDeclaration(node)) return true
  if (isDeclared(ts, node)) return true
  if ((ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node)) && !node.body) return true
  return ts.isPropertyDeclaration(node) && (node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.AbstractKeyword) ?? false)
}

function isDeclared(ts: TS, node: Node): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword) ?? false)
}

function isTypeModifier(ts: TS, modifier: typescript.Modifier): boolean {
  const { SyntaxKind } = ts
  return [SyntaxKind.PublicKeyword, SyntaxKind.PrivateKeyword, SyntaxKind.ProtectedKeyword, SyntaxKind.ReadonlyKeyword, SyntaxKind.AbstractKeyword,
    SyntaxKind.OverrideKeyword, SyntaxKind.DeclareKeyword, SyntaxKind.ExportKeyword, SyntaxKind.DefaultKeyword].includes(modifier.kind)
}

function printed(ts: TS, text: string, root: Node): string {
  // A method parses only inside an object literal; its own text is what stands between the literal's braces again.
  const method = ts.isMethodDeclaration(root)
  const source = method ? `({ ${text} })` : `(${text})`
  const { outputText } = ts.transpileModule(source, { compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, removeComments: false } })
  const trimmed = outputText.trim().replace(/;$/, '')
  return method ? trimmed.replace(/^\(\{\s*/, '').replace(/,?\s*\}\)$/, '') : trimmed
}
