// Scope analysis: which names a function reads from around it, and what it does that ties it to its thread. Pure: a tree in, facts out.

import type typescript from 'typescript'
import type { FreeName, Refusal } from './parse-request.js'

type TS = typeof typescript
type Node = typescript.Node

/** The names declared in one function, block or file. */
interface Scope {
  readonly outer: Scope | undefined
  readonly names: Set<string>
  /** Inside the function that is analysed, not around it. */
  readonly inside: boolean
  readonly file: boolean
}

interface Found { chains: string[][]; local: boolean; onlyTypeof: boolean; offset: number }

export interface Analysis { readonly free: FreeName[]; readonly refusals: Refusal[] }

/** The free names of `root`, a function or method in `file`. */
export function analyse(ts: TS, file: typescript.SourceFile, root: Node): Analysis {
  return new Analyser(ts, file, root).analysis()
}

class Analyser {
  private readonly found = new Map<string, Found>()
  private readonly refusals = new Map<string, Refusal>()

  constructor(private readonly ts: TS, private readonly file: typescript.SourceFile, private readonly root: Node) {}

  analysis(): Analysis {
    this.visit(this.file, { outer: undefined, names: new Set(), inside: false, file: true })
    const free = [...this.found].map(([name, found]) => ({ name, ...found }))
    return { free, refusals: [...this.refusals.values()] }
  }

  private visit(node: Node, scope: Scope): void {
    const { ts } = this
    if (this.isOnlyTypes(node)) return
    if (ts.isIdentifier(node)) { if (scope.inside) this.reference(node, scope); return }
    if (scope.inside) this.refuseTies(node)
    if (ts.isFunctionLike(node)) { this.visitFunction(node as typescript.FunctionLikeDeclaration, scope); return }
    if (ts.isClassLike(node)) { this.visitClass(node, scope); return }
    const inner = this.opensBlock(node) ? this.blockScope(node, scope) : scope
    this.visitParts(node, inner)
  }

  /** Children, without those identifiers that only name something. */
  private visitParts(node: Node, scope: Scope): void {
    const { ts } = this
    if (ts.isPropertyAccessExpression(node)) { this.visit(node.expression, scope); return }
    if (ts.isShorthandPropertyAssignment(node)) {
      this.visit(node.name, scope)
      if (node.objectAssignmentInitializer) this.visit(node.objectAssignmentInitializer, scope)
      return
    }
    if (ts.isLabeledStatement(node)) { this.visit(node.statement, scope); return }
    if (ts.isBreakOrContinueStatement(node) || ts.isMetaProperty(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return
    if (ts.isPropertyAssignment(node) || ts.isEnumMember(node) || ts.isPropertyDeclaration(node)) {
      this.visitName(node.name, scope)
      if (node.initializer) this.visit(node.initializer, scope)
      return
    }
    if (ts.isBindingElement(node)) {
      if (node.propertyName) this.visitName(node.propertyName, scope)
      this.visitBindingName(node.name, scope)
      if (node.initializer) this.visit(node.initializer, scope)
      return
    }
    if (ts.isVariableDeclaration(node) || ts.isParameter(node)) {
      this.visitBindingName(node.name, scope)
      if (node.initializer) this.visit(node.initializer, scope)
      return
    }
    if (ts.isEnumDeclaration(node)) { for (const member of node.members) this.visit(member, scope); return }
    if (ts.isModuleDeclaration(node)) { if (node.body) this.visit(node.body, scope); return }
    if (ts.isHeritageClause(node)) {
      if (node.token === ts.SyntaxKind.ExtendsKeyword) node.types.forEach((type) => this.visit(type.expression, scope))
      return
    }
    ts.forEachChild(node, (child) => this.visit(child, scope))
  }

  private visitName(name: typescript.PropertyName, scope: Scope): void {
    if (this.ts.isComputedPropertyName(name)) this.visit(name.expression, scope)
  }

  private visitBindingName(name: typescript.BindingName, scope: Scope): void {
    if (!this.ts.isIdentifier(name)) for (const element of name.elements) this.visit(element, scope)
  }

  private visitFunction(node: typescript.FunctionLikeDeclaration, scope: Scope): void {
    const { ts } = this
    if (node.name && !ts.isIdentifier(node.name)) this.visitName(node.name, scope)
    const inside = scope.inside || node === this.root
    const own = ts.isFunctionExpression(node) || (node === this.root && ts.isFunctionDeclaration(node)) ? node.name : undefined
    const parameters: Scope = { outer: scope, names: new Set(own && ts.isIdentifier(own) ? [own.text] : []), inside, file: false }
    for (const parameter of node.parameters) this.declare(parameter.name, parameters)
    for (const parameter of node.parameters) this.visit(parameter, parameters)
    if (!node.body) return
    const body: Scope = { outer: parameters, names: new Set(), inside, file: false }
    if (!ts.isBlock(node.body)) { this.visit(node.body, body); return }
    this.hoistVariables(node.body, body)
    this.declareStatements(node.body.statements, body)
    for (const statement of node.body.statements) this.visit(statement, body)
  }

  private visitClass(node: typescript.ClassLikeDeclaration, scope: Scope): void {
    const { ts } = this
    const own: Scope = { outer: scope, names: new Set(node.name ? [node.name.text] : []), inside: scope.inside, file: false }
    for (const clause of node.heritageClauses ?? []) this.visit(clause, own)
    for (const member of node.members) {
      if (!ts.isClassStaticBlockDeclaration(member)) { this.visit(member, own); continue }
      const block: Scope = { outer: own, names: new Set(), inside: own.inside, file: false }
      this.hoistVariables(member.body, block)
      this.visit(member.body, block)
    }
  }

  private opensBlock(node: Node): boolean {
    const { ts } = this
    return ts.isSourceFile(node) || ts.isBlock(node) || ts.isCaseBlock(node) || ts.isForStatement(node) || ts.isForInStatement(node)
      || ts.isForOfStatement(node) || ts.isCatchClause(node) || ts.isModuleBlock(node)
  }

  private blockScope(node: Node, outer: Scope): Scope {
    const { ts } = this
    const scope: Scope = { outer, names: new Set(), inside: outer.inside, file: ts.isSourceFile(node) }
    if (ts.isSourceFile(node)) this.hoistVariables(node, scope)
    if (ts.isSourceFile(node) || ts.isBlock(node) || ts.isModuleBlock(node)) this.declareStatements(node.statements, scope)
    if (ts.isCaseBlock(node)) for (const clause of node.clauses) this.declareStatements(clause.statements, scope)
    if (ts.isCatchClause(node) && node.variableDeclaration) this.declare(node.variableDeclaration.name, scope)
    const initializer = ts.isForStatement(node) || ts.isForInStatement(node) || ts.isForOfStatement(node) ? node.initializer : undefined
    if (initializer && ts.isVariableDeclarationList(initializer)) for (const declaration of initializer.declarations) this.declare(declaration.name, scope)
    return scope
  }

  private declareStatements(statements: readonly typescript.Statement[], scope: Scope): void {
    const { ts } = this
    for (const statement of statements) {
      if (ts.isVariableStatement(statement)) for (const declaration of statement.declarationList.declarations) this.declare(declaration.name, scope)
      else if ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement)) && statement.name) scope.names.add(statement.name.text)
      else if (ts.isModuleDeclaration(statement) && ts.isIdentifier(statement.name)) scope.names.add(statement.name.text)
    }
  }

  /** `var` belongs to the function, whatever blocks are around it. */
  private hoistVariables(node: Node, scope: Scope): void {
    const { ts } = this
    ts.forEachChild(node, (child) => {
      if (ts.isFunctionLike(child) || ts.isClassLike(child)) return
      if (ts.isVariableDeclarationList(child) && (child.flags & ts.NodeFlags.BlockScoped) === 0) for (const declaration of child.declarations) this.declare(declaration.name, scope)
      this.hoistVariables(child, scope)
    })
  }

  private declare(name: typescript.BindingName, scope: Scope): void {
    if (this.ts.isIdentifier(name)) scope.names.add(name.text)
    else for (const element of name.elements) if (this.ts.isBindingElement(element)) this.declare(element.name, scope)
  }

  private reference(node: typescript.Identifier, scope: Scope): void {
    let holder: Scope | undefined = scope
    while (holder && !holder.names.has(node.text)) holder = holder.outer
    if (holder?.inside) return
    if (node.text === 'arguments') { if (!this.hasOwnThis(node)) this.refuse('arguments', '`arguments` is not a value that can be copied; name the parameter instead.'); return }
    if (node.text === 'eval') { this.refuse('eval', '`eval` may read any variable, so they cannot be copied.'); return }
    if (node.text === 'undefined') return
    const { ts } = this
    const chain: string[] = []
    let top: Node = node
    while (ts.isPropertyAccessExpression(top.parent) && top.parent.expression === top && ts.isIdentifier(top.parent.name)) {
      top = top.parent
      chain.push((top as typescript.PropertyAccessExpression).name.text)
    }
    if (this.isWritten(top)) {
      const text = [node.text, ...chain].join('.')
      { this.refuse(node.text, `it assigns to \`${text}\`, which is declared outside it and reaches the body as a copy; keep it as a local variable or in \`state\`.`); return }
    }
    const entry = this.found.get(node.text) ?? { chains: [], local: holder !== undefined && !holder.file, onlyTypeof: true, offset: node.getStart(this.file) - this.root.getStart(this.file) }
    entry.chains.push(chain)
    entry.onlyTypeof &&= ts.isTypeOfExpression(node.parent)
    this.found.set(node.text, entry)
  }

  /** Assigned, incremented, deleted, or the target of a destructuring or a for-of; through `[i]` and `.x` too. */
  private isWritten(node: Node): boolean {
    const { ts } = this
    let target = node
    for (;;) {
      const { parent } = target
      if ((ts.isElementAccessExpression(parent) || ts.isPropertyAccessExpression(parent) || ts.isNonNullExpression(parent) || ts.isParenthesizedExpression(parent)) && parent.expression === target) target = parent
      else break
    }
    const { parent } = target
    if (ts.isBinaryExpression(parent) && parent.left === target) return parent.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && parent.operatorToken.kind <= ts.SyntaxKind.LastAssignment
    if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) return parent.operator === ts.SyntaxKind.PlusPlusToken || parent.operator === ts.SyntaxKind.MinusMinusToken
    if (ts.isDeleteExpression(parent)) return true
    if ((ts.isForInStatement(parent) || ts.isForOfStatement(parent)) && parent.initializer === target) return true
    return this.isDestructured(target)
  }

  /** `[a, { b: c }] = …`: the literals on the left of an assignment. */
  private isDestructured(node: Node): boolean {
    const { ts } = this
    const { parent } = node
    if (ts.isShorthandPropertyAssignment(parent) || ts.isSpreadElement(parent) || ts.isSpreadAssignment(parent)) return this.isDestructured(parent)
    if (ts.isPropertyAssignment(parent) && parent.initializer === node) return this.isDestructured(parent)
    if (!ts.isArrayLiteralExpression(parent) && !ts.isObjectLiteralExpression(parent)) return false
    const around = parent.parent
    if (ts.isBinaryExpression(around) && around.left === parent) return around.operatorToken.kind === ts.SyntaxKind.EqualsToken
    if ((ts.isForInStatement(around) || ts.isForOfStatement(around)) && around.initializer === parent) return true
    return this.isDestructured(parent)
  }

  private refuseTies(node: Node): void {
    const { ts } = this
    if (node.kind === ts.SyntaxKind.ThisKeyword && !this.hasOwnThis(node)) this.refuse('this', '`this` belongs to an object of this thread; use ctx, a parameter or a local variable.')
    if (node.kind === ts.SyntaxKind.SuperKeyword && !this.hasOwnThis(node)) this.refuse('super', '`super` belongs to an object of this thread.')
    if (ts.isMetaProperty(node) && (node.keywordToken === ts.SyntaxKind.ImportKeyword || !this.hasOwnThis(node))) this.refuse(node.getText(this.file), `\`${node.getText(this.file)}\` belongs to the module around the body.`)
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) this.refuse('import()', '`import()` loads a module, which a device cannot.')
  }

  /** Whether a function between `node` and the analysed one (or a class) gives `this` and `arguments` a meaning of their own. */
  private hasOwnThis(node: Node): boolean {
    const { ts } = this
    for (let around = node.parent; around !== this.root && !ts.isSourceFile(around); around = around.parent) {
      if (ts.isClassLike(around) || (ts.isFunctionLike(around) && !ts.isArrowFunction(around))) return true
    }
    return false
  }

  private refuse(variable: string, why: string): void {
    if (!this.refusals.has(variable)) this.refusals.set(variable, { variable, why })
  }

  /** Types have no names at run time. `extends X<T>` is a type node whose expression runs; heritage clauses see to it. */
  private isOnlyTypes(node: Node): boolean {
    const { ts } = this
    return (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isTypeParameterDeclaration(node)
  }
}
