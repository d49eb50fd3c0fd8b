// What a cell declares at its top level and which names it mentions, read from syntax alone, before anything is checked.
import type ts from 'typescript'
import type { NameKind } from './protocol.js'
import type { TypeScript } from './typescript.js'

export interface Declaration { readonly name: string; readonly kind: NameKind; readonly step: number; readonly isType: boolean; /** `var`: has a value, `undefined`, from the start. */ readonly hoisted?: boolean }
export interface CellShape {
  readonly declarations: ReadonlyMap<string, Declaration>
  /** Names the user exports under their own name already. */
  readonly exported: ReadonlySet<string>
  /** Identifiers that may refer to something outside the cell. */
  readonly mentioned: ReadonlySet<string>
  /** It has `declare global` or `declare module`, which later cells see. */
  readonly augments: boolean
  /** `const summer = ringKernel('summer', …)`: the ring kernel's name and the variable. */
  readonly kernels: readonly (readonly [string, string])[]
}

export function cellShape(ts: TypeScript, file: ts.SourceFile): CellShape { return new ShapeReader(ts).read(file) }

/** The names a binding (a name or a pattern) declares. */
function boundNames(ts: TypeScript, name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text]
  return name.elements.flatMap((element) => ts.isOmittedExpression(element) ? [] : boundNames(ts, element.name))
}

/** The word a list of variables begins with. */
export function listWord(ts: TypeScript, list: ts.VariableDeclarationList): 'var' | 'let' | 'const' | 'using' | 'await using' {
  const { Let, Const, Using, AwaitUsing } = ts.NodeFlags
  const words = new Map<number, 'let' | 'const' | 'using' | 'await using'>([[Let, 'let'], [Const, 'const'], [Using, 'using'], [AwaitUsing, 'await using']])
  return words.get(list.flags & ts.NodeFlags.BlockScoped) ?? 'var'
}

class ShapeReader {
  readonly #declarations = new Map<string, Declaration>()
  readonly #exported = new Set<string>()
  readonly #mentioned = new Set<string>()
  readonly #kernels: (readonly [string, string])[] = []
  #augments = false

  constructor(readonly ts: TypeScript) {}

  read(file: ts.SourceFile): CellShape {
    file.statements.forEach((statement, step) => { this.#statement(statement, step) })
    this.#mentions(file)
    return { declarations: this.#declarations, exported: this.#exported, mentioned: this.#mentioned, augments: this.#augments, kernels: this.#kernels }
  }

  #statement(statement: ts.Statement, step: number): void {
    const { ts } = this
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) ?? [] : []
    const ambient = modifiers.some((m) => m.kind === ts.SyntaxKind.DeclareKeyword)
    const exported = modifiers.some((m) => m.kind === ts.SyntaxKind.ExportKeyword) && !modifiers.some((m) => m.kind === ts.SyntaxKind.DefaultKeyword)
    const declare = (name: string, kind: NameKind, at = step): void => { this.#declare({ name, kind: ambient && kind !== 'type' ? 'ambient' : kind, step: at, isType: false }); if (exported) this.#exported.add(name) }
    if (ts.isVariableStatement(statement)) this.#variables(statement.declarationList, declare)
    else if (ts.isFunctionDeclaration(statement)) { if (statement.name) declare(statement.name.text, 'function', -1) }
    else if (ts.isClassDeclaration(statement)) { if (statement.name) declare(statement.name.text, 'class') }
    else if (ts.isEnumDeclaration(statement)) declare(statement.name.text, 'enum')
    else if (ts.isModuleDeclaration(statement)) { if (ts.isIdentifier(statement.name) && statement.name.text !== 'global') declare(statement.name.text, 'namespace'); else this.#augments = true }
    else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) declare(statement.name.text, 'type')
    else if (ts.isImportDeclaration(statement)) this.#imports(statement)
    else if (ts.isImportEqualsDeclaration(statement)) declare(statement.name.text, statement.isTypeOnly ? 'type' : 'import')
    else if (ts.isExportDeclaration(statement)) { if (statement.exportClause && ts.isNamedExports(statement.exportClause)) for (const element of statement.exportClause.elements) this.#exported.add(element.name.text) }
    else this.#nestedVars(statement, step)
  }

  #variables(list: ts.VariableDeclarationList, declare: (name: string, kind: NameKind) => void): void {
    const { ts } = this
    const word = listWord(ts, list)
    const kind: NameKind = word === 'var' ? 'let' : word
    for (const declaration of list.declarations) {
      for (const name of boundNames(ts, declaration.name)) {
        declare(name, kind)
        const known = this.#declarations.get(name)
        if (word === 'var' && known?.kind === 'let') this.#declarations.set(name, { ...known, hoisted: true })
      }
      const call = declaration.initializer
      if (ts.isIdentifier(declaration.name) && call && ts.isCallExpression(call) && /(^|\.)ringKernel$/.test(call.expression.getText())) {
        const first = call.arguments[0]
        if (first && ts.isStringLiteralLike(first)) this.#kernels.push([first.text, declaration.name.text])
      }
    }
  }

  /** `var` inside blocks, loops and tries belongs to the cell. */
  #nestedVars(node: ts.Node, step: number): void {
    const { ts } = this
    if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node)) return
    if (ts.isVariableDeclarationList(node) && listWord(ts, node) === 'var') {
      for (const declaration of node.declarations) for (const name of boundNames(ts, declaration.name)) this.#declare({ name, kind: 'let', step, isType: false, hoisted: true })
    }
    ts.forEachChild(node, (child) => { this.#nestedVars(child, step) })
  }

  #imports(statement: ts.ImportDeclaration): void {
    const { ts } = this
    const clause = statement.importClause
    if (!clause) return
    const typeOnly = clause.phaseModifier === ts.SyntaxKind.TypeKeyword
    const declare = (name: string, isType: boolean): void => { this.#declare({ name, kind: isType ? 'type' : 'import', step: -1, isType: false }) }
    if (clause.name) declare(clause.name.text, typeOnly)
    if (clause.namedBindings && ts.isNamespaceImport(clause.namedBindings)) declare(clause.namedBindings.name.text, typeOnly)
    if (clause.namedBindings && ts.isNamedImports(clause.namedBindings)) for (const element of clause.namedBindings.elements) declare(element.name.text, typeOnly || element.isTypeOnly)
  }

  #declare(declaration: Declaration): void {
    const known = this.#declarations.get(declaration.name)
    if (!known) { this.#declarations.set(declaration.name, declaration); return }
    // One name, a value and a type (`const Point = …; type Point = …`): the value's entry, marked as a type too.
    if (declaration.kind === 'type') this.#declarations.set(declaration.name, { ...known, isType: known.kind !== 'type' })
    else if (known.kind === 'type') this.#declarations.set(declaration.name, { ...declaration, isType: true })
    else if (known.kind !== 'function' && known.kind !== 'class') this.#declarations.set(declaration.name, { ...declaration, isType: known.isType })
  }

  #mentions(node: ts.Node): void {
    const { ts } = this
    ts.forEachChild(node, (child) => {
      if (ts.isIdentifier(child)) { if (!this.#isOnlyALabel(child, node)) this.#mentioned.add(child.text) } else this.#mentions(child)
    })
  }

  #isOnlyALabel(name: ts.Identifier, parent: ts.Node): boolean {
    const { ts } = this
    if (ts.isPropertyAccessExpression(parent)) return parent.name === name
    if (ts.isQualifiedName(parent)) return parent.right === name
    return ts.isPropertyAssignment(parent) && parent.name === name || (ts.isMethodDeclaration(parent) || ts.isPropertySignature(parent) || ts.isMethodSignature(parent)) && parent.name === name
  }
}
