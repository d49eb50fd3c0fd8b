// Imports of a cell: each module is loaded before the cell runs, each imported name reads from its namespace object. Names that are only
// types load nothing; `export … from` loads the module and is otherwise ignored.
import type ts from 'typescript'
import type { Rewriter } from './rewriter.js'

export function importModule(rewriter: Rewriter, statement: ts.ImportDeclaration | ts.ExportDeclaration): void {
  const { ts } = rewriter
  if (!statement.moduleSpecifier || !ts.isStringLiteral(statement.moduleSpecifier)) return
  if (ts.isExportDeclaration(statement)) {
    if (!statement.isTypeOnly) moduleIndex(rewriter, statement)
    return
  }
  const clause = statement.importClause
  if (!clause) { moduleIndex(rewriter, statement); return }
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return
  const names: { name: ts.Identifier; property: string }[] = []
  if (clause.name) names.push({ name: clause.name, property: 'default' })
  const bindings = clause.namedBindings
  if (bindings && ts.isNamespaceImport(bindings)) names.push({ name: bindings.name, property: '*' })
  if (bindings && ts.isNamedImports(bindings)) {
    for (const element of bindings.elements) if (!element.isTypeOnly) names.push({ name: element.name, property: (element.propertyName ?? element.name).text })
  }
  const values = names.filter(({ name }) => isValue(rewriter, name))
  for (const { name } of names) rewriter.values.set(name.text, values.some((value) => value.name === name) ? 'import' : 'type')
  if (values.length === 0 && names.length > 0) return
  const module = moduleIndex(rewriter, statement)
  for (const { name, property } of values) {
    rewriter.boxes.add(name.text)
    rewriter.imports.push({ name: name.text, module, property })
  }
}

/** `import x = require('m')` and `import x = A.B`. */
export function importEquals(rewriter: Rewriter, statement: ts.ImportEqualsDeclaration): ts.Statement[] {
  const { ts, factory } = rewriter
  if (statement.isTypeOnly || !isValue(rewriter, statement.name)) { rewriter.values.set(statement.name.text, 'type'); return [] }
  const reference = statement.moduleReference
  const value = ts.isExternalModuleReference(reference)
    ? factory.createCallExpression(factory.createIdentifier('require'), undefined, [reference.expression])
    : entity(rewriter, reference)
  return [ts.setTextRange(factory.createExpressionStatement(rewriter.assign(statement.name.text, value, statement.name)), statement)]
}

function entity(rewriter: Rewriter, name: ts.EntityName): ts.Expression {
  if (rewriter.ts.isQualifiedName(name)) return rewriter.factory.createPropertyAccessExpression(entity(rewriter, name.left), name.right.text)
  return rewriter.facts.boxed.has(name.text) && rewriter.isSessionSymbol(rewriter.checker.getSymbolAtLocation(name)) ? rewriter.box(name.text, name) : rewriter.factory.createIdentifier(name.text)
}

function isValue(rewriter: Rewriter, name: ts.Identifier): boolean {
  const { ts, checker } = rewriter
  const symbol = checker.getSymbolAtLocation(name)
  if (!symbol) return true
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  return (target.flags & ts.SymbolFlags.Value) !== 0
}

function moduleIndex(rewriter: Rewriter, statement: ts.ImportDeclaration | ts.ExportDeclaration): number {
  const { ts } = rewriter
  const specifier = (statement.moduleSpecifier as ts.StringLiteral).text
  const attributes = statement.attributes?.elements.map((element) => [element.name.text, ts.isStringLiteral(element.value) ? element.value.text : ''] as const) ?? []
  rewriter.modules.push({ specifier, ...(attributes.length > 0 ? { attributes: Object.fromEntries(attributes) } : {}) })
  return rewriter.modules.length - 1
}
