// Joins the declaration files reachable from one entry into the text of one module. It knows only what tsc writes: relative imports,
// export lists and `export` modifiers. An entry that renames an export
// is refused, at build time.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

interface Collected { readonly statements: { readonly comment: string; readonly text: string; readonly names: readonly string[] }[]; readonly outside: Set<string>; readonly seen: Map<string, ts.SourceFile> }

/** The declarations of `entry` and what it imports, as module text in which exactly the entry's exports are exported. */
export function bundleDeclarations(entry: string): string {
  const collected: Collected = { statements: [], outside: new Set(), seen: new Map() }
  collect(entry, collected)
  const exported = exportsOf(entry, collected)
  const lines = collected.statements.map(({ comment, text, names }) => comment + (names.some((name) => exported.has(name)) ? `export ${text}` : text))
  return [...collected.outside, ...lines, 'export {}'].join('\n')
}

function collect(path: string, into: Collected): void {
  if (into.seen.has(path)) return
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ESNext, true)
  into.seen.set(path, file)
  for (const statement of file.statements) {
    const from = specifierOf(statement)
    const target = from === undefined ? undefined : declarationFile(path, from)
    if (target !== undefined) collect(target, into)
    else if (from !== undefined && ts.isImportDeclaration(statement)) into.outside.add(statement.getText(file))
    else if (from === undefined && !ts.isExportDeclaration(statement) && !ts.isExportAssignment(statement)) keep(statement, file, into)
  }
  ts.forEachChild(file, function visit(node): void {
    if (ts.isImportTypeNode(node)) {
      const inner = ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal) ? declarationFile(path, node.argument.literal.text) : undefined
      if (inner !== undefined) collect(inner, into)
    }
    ts.forEachChild(node, visit)
  })
}

function keep(statement: ts.Statement, file: ts.SourceFile, into: Collected): void {
  const start = statement.getStart(file)
  const text = file.text.slice(start, statement.end).replace(/import\("\.[^"]*"\)\./g, '').replace(/^export\s+/, '').replace(/^declare\s+/, '')
  into.statements.push({ comment: file.text.slice(statement.getStart(file, true), start), text, names: namesOf(statement) })
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap((d) => ts.isIdentifier(d.name) ? [d.name.text] : [])
  const name = (statement as ts.Statement & { name?: ts.Node }).name
  return name && ts.isIdentifier(name) ? [name.text] : []
}

function specifierOf(statement: ts.Statement): string | undefined {
  if ((ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) && statement.moduleSpecifier && ts.isStringLiteral(statement.moduleSpecifier)) return statement.moduleSpecifier.text
  return undefined
}

function declarationFile(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const path = join(dirname(from), specifier).replace(/\.js$/, '.d.ts')
  return existsSync(path) ? path : undefined
}

function exportsOf(path: string, collected: Collected): Set<string> {
  const file = collected.seen.get(path)
  const names = new Set<string>()
  for (const statement of file?.statements ?? []) {
    if (ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword)) for (const name of namesOf(statement)) names.add(name)
    if (!ts.isExportDeclaration(statement)) continue
    const clause = statement.exportClause
    if (clause && ts.isNamedExports(clause)) {
      for (const element of clause.elements) {
        if (element.propertyName && element.propertyName.text !== element.name.text) throw new Error(`${path}: '${element.name.text}' is exported under another name; cells need it declared by its public name`)
        names.add(element.name.text)
      }
    } else {
      const target = specifierOf(statement)
      const inner = target === undefined ? undefined : declarationFile(path, target)
      if (inner !== undefined) for (const name of exportsOf(inner, collected)) names.add(name)
    }
  }
  return names
}
