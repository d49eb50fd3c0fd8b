// Every option of the public API, read out of the built declarations: for each exported function and each method that can be reached from one, the properties of the
// objects it takes that are called options, or that are written out where it is declared.
import { join } from 'node:path'
import ts from 'typescript'
import { root } from './sources.js'

const entry = join(root, 'dist/index.d.ts')
/** Errors, which say what they are made of, and the parts of OpenTelemetry that are called here and implemented elsewhere. */
const isLeftOut = /(Error|Like)$/
/** Messages, elements and schemas are no options. */
const isOfData = (node: ts.Node): boolean => node.getSourceFile().fileName.startsWith(join(root, 'dist/schema/'))
const isOwn = (node: ts.Node): boolean => node.getSourceFile().fileName.startsWith(join(root, 'dist/'))

/** Each as `RingKernel.send timeoutMs`: who takes it, then its path in what is given. */
export function publicOptions(): string[] {
  const program = ts.createProgram([entry], { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2023, strict: true, types: ['node'], noEmit: true })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(entry)
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source)
  if (module === undefined) throw new Error(`${entry} is not there: build first`)
  const reader = new Reader(checker)
  for (const exported of checker.getExportsOfModule(module)) if (!isLeftOut.test(exported.name)) reader.readSymbol(exported, exported.name)
  return [...reader.options].sort()
}

class Reader {
  readonly options = new Set<string>()
  readonly #checker: ts.TypeChecker
  readonly #seen = new Set<ts.Node>()

  constructor(checker: ts.TypeChecker) { this.#checker = checker }

  /** What may be called under this name, and what its result may be asked. */
  readSymbol(symbol: ts.Symbol, name: string): void {
    for (const declaration of this.#resolved(symbol).declarations ?? []) if (isOwn(declaration)) this.#read(declaration, name)
  }

  #read(node: ts.Node, name: string): void {
    if (this.#seen.has(node)) return
    this.#seen.add(node)
    if (isCallable(node)) {
      for (const parameter of node.parameters) if (parameter.type !== undefined) this.#readTaken(parameter.type, name, '', new Set())
    }
    ts.forEachChild(node, (child) => { this.#follow(child, name) })
  }

  #follow(node: ts.Node, name: string): void {
    // Private and inherited ones have no type there, or are read where they are declared.
    const member = memberName(node)
    if (member !== undefined) { this.#read(node, member === '' ? name : `${name}.${member}`); return }
    if (isCallable(node)) { this.#read(node, name); return }
    if (ts.isTypeQueryNode(node)) { this.#readNamed(node.exprName, name); return }
    if (ts.isTypeReferenceNode(node)) this.#readNamed(node.typeName, undefined)
    else if (ts.isExpressionWithTypeArguments(node)) this.#readNamed(node.expression, undefined)
    else if (ts.isImportTypeNode(node) && node.qualifier !== undefined) this.#readNamed(node.qualifier, node.isTypeOf ? name : undefined)
    ts.forEachChild(node, (child) => { this.#follow(child, name) })
  }

  #readNamed(node: ts.Node, name: string | undefined): void {
    const symbol = this.#checker.getSymbolAtLocation(node)
    // Options are read at those who take them.
    if (symbol !== undefined && !/Options$/.test(symbol.name) && !isLeftOut.test(symbol.name)) this.readSymbol(symbol, name ?? this.#resolved(symbol).name)
  }

  /** The options in what somebody takes: `path` is where in the object given the type stands. */
  #readTaken(type: ts.Node, owner: string, path: string, within: ReadonlySet<ts.Node>): void {
    if (ts.isFunctionTypeNode(type) || ts.isTypeQueryNode(type)) return
    if (ts.isConditionalTypeNode(type)) { for (const each of [type.trueType, type.falseType]) this.#readTaken(each, owner, path, within); return }
    if (ts.isTypeLiteralNode(type)) { this.#readProperties(type.members, owner, path, within); return }
    if (ts.isTypeReferenceNode(type)) {
      const symbol = this.#checker.getSymbolAtLocation(type.typeName)
      const declarations = (symbol === undefined ? [] : this.#resolved(symbol).declarations ?? []).filter(isOwn)
      for (const declaration of declarations) this.#readDeclared(declaration, owner, path, within)
      // The language's own, `Readonly<LaunchOptions>`, say how the same is taken.
      if (declarations.length === 0) for (const each of type.typeArguments ?? []) this.#readTaken(each, owner, path, within)
      return
    }
    ts.forEachChild(type, (child) => { this.#readTaken(child, owner, path, within) })
  }

  #readDeclared(declaration: ts.Declaration, owner: string, path: string, within: ReadonlySet<ts.Node>): void {
    if (within.has(declaration) || isOfData(declaration)) return
    const inside = new Set([...within, declaration])
    if (ts.isTypeAliasDeclaration(declaration)) { this.#readTaken(declaration.type, owner, path, inside); return }
    if (!ts.isInterfaceDeclaration(declaration) || !/Options$/.test(declaration.name.text)) return
    this.#readProperties(declaration.members, owner, path, inside)
    for (const base of declaration.heritageClauses?.flatMap(({ types }) => types) ?? []) {
      for (const above of this.#checker.getTypeAtLocation(base).symbol.declarations ?? []) this.#readDeclared(above, owner, path, inside)
    }
  }

  #readProperties(members: ts.NodeArray<ts.TypeElement>, owner: string, path: string, within: ReadonlySet<ts.Node>): void {
    for (const member of members) {
      if (member.name === undefined) continue
      const place = `${path}${path === '' ? '' : '.'}${member.name.getText()}`
      this.options.add(`${owner} ${place}`)
      if (ts.isPropertySignature(member) && member.type !== undefined) this.#readTaken(member.type, owner, place, within)
    }
  }

  #resolved(symbol: ts.Symbol): ts.Symbol { return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : this.#checker.getAliasedSymbol(symbol) }
}

function isCallable(node: ts.Node): node is ts.SignatureDeclaration {
  return ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isMethodSignature(node) || ts.isFunctionTypeNode(node) || ts.isCallSignatureDeclaration(node)
    || ts.isConstructorDeclaration(node) || ts.isConstructSignatureDeclaration(node)
}

/** The name of a member in the API; '' of a constructor, undefined of what is no member. */
function memberName(node: ts.Node): string | undefined {
  if (ts.isConstructorDeclaration(node)) return ''
  if (!ts.isTypeElement(node) && !ts.isClassElement(node)) return undefined
  return node.name === undefined ? undefined : node.name.getText()
}
