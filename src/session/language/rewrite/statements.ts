// The top level of a cell: declarations become assignments to boxes, functions are hoisted, the last expression becomes the result, and after
// each declaring statement the cell notes how far it came, so that a failure tells which names have their value.
import type ts from 'typescript'
import { listWord } from '../declarations.js'
import { importModule, importEquals } from './modules.js'
import type { Rewriter } from './rewriter.js'

/** The statements of the cell's function. */
export function rewriteStatements(rewriter: Rewriter): ts.Statement[] {
  const { ts, file, facts, factory } = rewriter
  const own = file.statements.filter((statement) => statement.getStart(file) < facts.userEnd)
  const last = own.findLastIndex((statement) => !ts.isEmptyStatement(statement))
  const body: ts.Statement[] = []
  const hoisted: ts.Statement[] = facts.hoistedVars.map((name) => run(rewriter, rewriter.call('hoist', factory.createIdentifier(facts.prefix + name))))
  for (const name of facts.hoistedVars) rewriter.boxes.add(name)
  own.forEach((statement, step) => {
    const out = topLevel(rewriter, statement, step === last, hoisted)
    body.push(...out)
    if (declares(ts, statement)) body.push(run(rewriter, factory.createAssignment(rewriter.session('step'), factory.createNumericLiteral(step + 1))))
  })
  return [...hoisted, ...body]
}

function topLevel(rewriter: Rewriter, statement: ts.Statement, isLast: boolean, hoisted: ts.Statement[]): ts.Statement[] {
  const { ts, factory } = rewriter
  if (isAmbient(ts, statement) || ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) return []
  if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) {
    importModule(rewriter, statement)
    if (ts.isImportDeclaration(statement)) for (const name of rewriter.imports) hoisted.push(...release(rewriter, name.name))
    return []
  }
  if (ts.isImportEqualsDeclaration(statement)) return importEquals(rewriter, statement)
  if (ts.isExportAssignment(statement)) return [result(rewriter, statement.expression, statement)]
  if (ts.isVariableStatement(statement)) return variables(rewriter, statement)
  if (ts.isFunctionDeclaration(statement)) return functionDeclaration(rewriter, statement, hoisted)
  if (ts.isClassDeclaration(statement)) return classDeclaration(rewriter, statement)
  if (ts.isEnumDeclaration(statement) || ts.isModuleDeclaration(statement)) return namespaceOrEnum(rewriter, statement)
  if (isLast && ts.isExpressionStatement(statement)) return [result(rewriter, statement.expression, statement)]
  const visited = rewriter.visit(statement) as ts.Statement
  return [ts.isNotEmittedStatement(visited) ? factory.createEmptyStatement() : visited]
}

function declares(ts: Rewriter['ts'], statement: ts.Statement): boolean {
  return ts.isVariableStatement(statement) || ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement) || ts.isModuleDeclaration(statement) || ts.isImportEqualsDeclaration(statement)
    || !ts.isFunctionDeclaration(statement) && !ts.isExpressionStatement(statement) && !ts.isImportDeclaration(statement)
}

function isAmbient(ts: Rewriter['ts'], statement: ts.Statement): boolean {
  return ts.canHaveModifiers(statement) && (ts.getModifiers(statement)?.some((m) => m.kind === ts.SyntaxKind.DeclareKeyword) ?? false)
}

function hasDefault(ts: Rewriter['ts'], statement: ts.FunctionDeclaration | ts.ClassDeclaration): boolean {
  return ts.getModifiers(statement)?.some((m) => m.kind === ts.SyntaxKind.DefaultKeyword) ?? false
}

/** Modifiers without `export` and `default`, which a cell accepts and ignores. */
function inner(ts: Rewriter['ts'], modifiers: ts.NodeArray<ts.ModifierLike> | undefined): ts.ModifierLike[] {
  return modifiers?.filter((m) => m.kind !== ts.SyntaxKind.ExportKeyword && m.kind !== ts.SyntaxKind.DefaultKeyword) ?? []
}

function result(rewriter: Rewriter, expression: ts.Expression, at: ts.Node): ts.Statement {
  return rewriter.ts.setTextRange(run(rewriter, rewriter.factory.createAssignment(rewriter.session('result'), rewriter.expression(expression))), at)
}

function run(rewriter: Rewriter, expression: ts.Expression): ts.Statement { return rewriter.factory.createExpressionStatement(expression) }

/** What a `using` of this name held ends before the name gets its new value. */
function release(rewriter: Rewriter, name: string): ts.Statement[] {
  const owned = rewriter.facts.owned.get(name)
  if (!owned) return []
  const call = rewriter.call(owned === 'using' ? 'release' : 'releaseAsync', rewriter.factory.createStringLiteral(name))
  if (owned === 'using') return [run(rewriter, call)]
  rewriter.isAsync = true
  return [run(rewriter, rewriter.factory.createAwaitExpression(call))]
}

function variables(rewriter: Rewriter, statement: ts.VariableStatement): ts.Statement[] {
  const { ts, factory } = rewriter
  const list = statement.declarationList
  const word = listWord(ts, list)
  const names = namesOf(rewriter, list)
  const before = names.flatMap((name) => release(rewriter, name))
  if (word === 'using' || word === 'await using') {
    const isAwait = word === 'await using'
    if (isAwait) rewriter.isAsync = true
    return [...before, ...list.declarations.map((declaration) => {
      const name = (declaration.name as ts.Identifier).text
      const value = declaration.initializer ? rewriter.expression(declaration.initializer) : factory.createVoidZero()
      const owned = rewriter.call('own', factory.createStringLiteral(name), rewriter.named(value, name), isAwait ? factory.createTrue() : factory.createFalse())
      return ts.setTextRange(run(rewriter, rewriter.assign(name, owned, declaration.name)), declaration)
    })]
  }
  const assignments = rewriter.assignments(list)
  if (assignments.length === 0) return before
  return [...before, ts.setTextRange(run(rewriter, rewriter.sequence(assignments)), statement)]
}

function namesOf(rewriter: Rewriter, list: ts.VariableDeclarationList): string[] {
  const { ts } = rewriter
  const names: string[] = []
  const read = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.push(name.text)
    else for (const element of name.elements) if (!ts.isOmittedExpression(element)) read(element.name)
  }
  for (const declaration of list.declarations) read(declaration.name)
  return names
}

function functionDeclaration(rewriter: Rewriter, statement: ts.FunctionDeclaration, hoisted: ts.Statement[]): ts.Statement[] {
  const { ts, factory } = rewriter
  if (!statement.body) return []
  const visited = rewriter.visit(statement) as ts.FunctionDeclaration
  const modifiers = inner(ts, visited.modifiers) as ts.Modifier[]
  if (!statement.name) {
    const value = factory.createFunctionExpression(modifiers, visited.asteriskToken, undefined, undefined, visited.parameters, undefined, visited.body ?? factory.createBlock([]))
    return [run(rewriter, factory.createAssignment(rewriter.session('result'), rewriter.named(value, 'default')))]
  }
  const name = statement.name.text
  hoisted.push(...release(rewriter, name), run(rewriter, rewriter.assign(name, factory.createIdentifier(name))))
  const kept = factory.updateFunctionDeclaration(visited, modifiers, visited.asteriskToken, visited.name, visited.typeParameters, visited.parameters, visited.type, visited.body)
  return hasDefault(ts, statement) ? [kept, run(rewriter, factory.createAssignment(rewriter.session('result'), factory.createIdentifier(name)))] : [kept]
}

function classDeclaration(rewriter: Rewriter, statement: ts.ClassDeclaration): ts.Statement[] {
  const { ts, factory } = rewriter
  const visited = rewriter.visit(statement) as ts.ClassDeclaration
  const modifiers = inner(ts, visited.modifiers)
  if (!statement.name) {
    const value = factory.createClassExpression(modifiers, undefined, visited.typeParameters, visited.heritageClauses, visited.members)
    return [run(rewriter, factory.createAssignment(rewriter.session('result'), rewriter.named(value, 'default')))]
  }
  const name = statement.name.text
  // Static initialisers may already ask for the class by its name.
  const isStatic = (member: ts.ClassElement): boolean => ts.isClassStaticBlockDeclaration(member) || ts.isPropertyDeclaration(member) && (ts.getModifiers(member)?.some((m) => m.kind === ts.SyntaxKind.StaticKeyword) ?? false)
  const early = statement.members.some(isStatic)
    ? [factory.createClassStaticBlockDeclaration(factory.createBlock([run(rewriter, rewriter.assign(name, factory.createThis()))]))] : []
  const kept = factory.updateClassDeclaration(visited, modifiers, visited.name, visited.typeParameters, visited.heritageClauses, [...early, ...visited.members])
  const give = run(rewriter, rewriter.assign(name, factory.createIdentifier(name)))
  const asResult = hasDefault(ts, statement) ? [run(rewriter, factory.createAssignment(rewriter.session('result'), factory.createIdentifier(name)))] : []
  return [...release(rewriter, name), kept, give, ...asResult]
}

function namespaceOrEnum(rewriter: Rewriter, statement: ts.EnumDeclaration | ts.ModuleDeclaration): ts.Statement[] {
  const { ts, factory, checker } = rewriter
  const symbol = checker.getSymbolAtLocation(statement.name)
  const hasValue = ts.isEnumDeclaration(statement) || ((symbol?.flags ?? 0) & ts.SymbolFlags.ValueModule) !== 0
  if (!hasValue || !ts.isIdentifier(statement.name)) return []
  const visited = rewriter.visit(statement) as ts.EnumDeclaration | ts.ModuleDeclaration
  const modifiers = inner(ts, visited.modifiers) as ts.Modifier[]
  const kept = ts.isEnumDeclaration(visited) ? factory.updateEnumDeclaration(visited, modifiers, visited.name, visited.members)
    : factory.updateModuleDeclaration(visited, modifiers, visited.name, visited.body)
  return [...release(rewriter, statement.name.text), kept, run(rewriter, rewriter.assign(statement.name.text, factory.createIdentifier(statement.name.text)))]
}
