// Turns a checked cell into the body of a function over boxes: every name of the session is read and written as `box.v`. This file holds what
// the parts share and the walk through expressions; `statements.ts` does the cell's top level, `modules.ts` its imports.
import type ts from 'typescript'
import { listWord } from '../declarations.js'
import type { DeclaredName, ImportedModule, ImportedName } from '../protocol.js'
import type { TypeScript } from '../typescript.js'

/** What a rewriter needs to know of the cell. */
export interface CellFacts {
  /** Names with a box: this cell's own and the session's, as far as it mentions them. */
  readonly boxed: ReadonlySet<string>
  /** Boxed names that live until redefined, and how they end. */
  readonly owned: ReadonlyMap<string, 'using' | 'await using'>
  readonly hoistedVars: readonly string[]
  /** Where the user's text ends; what follows was added for the checker. */
  readonly userEnd: number
  readonly prefix: string
}

export class Rewriter {
  readonly boxes = new Set<string>()
  readonly modules: ImportedModule[] = []
  readonly imports: ImportedName[] = []
  readonly values = new Map<string, DeclaredName['kind']>()
  isAsync = false
  /** Depth of functions around the node at hand; 0 is the cell itself. */
  depth = 0
  /** Enums and namespaces around the node at hand: inside, their own name is the inner one. */
  readonly #own = new Set<string>()

  constructor(readonly ts: TypeScript, readonly context: ts.TransformationContext, readonly checker: ts.TypeChecker, readonly file: ts.SourceFile, readonly facts: CellFacts) {}

  get factory(): ts.NodeFactory { return this.context.factory }

  /** The object a cell talks to its session through. */
  session(member: string): ts.Expression { return this.factory.createPropertyAccessExpression(this.factory.createIdentifier(this.facts.prefix), member) }
  call(member: string, ...parameters: ts.Expression[]): ts.CallExpression { return this.factory.createCallExpression(this.session(member), undefined, parameters) }

  /** `$$x.v`. */
  box(name: string, at?: ts.Node): ts.PropertyAccessExpression {
    this.boxes.add(name)
    const access = this.factory.createPropertyAccessExpression(this.factory.createIdentifier(this.facts.prefix + name), 'v')
    return at ? this.ts.setSourceMapRange(this.ts.setTextRange(access, at), at) : access
  }

  assign(name: string, value: ts.Expression, at?: ts.Node): ts.Expression {
    const assignment = this.factory.createAssignment(this.box(name, at), this.named(value, name))
    return at ? this.ts.setTextRange(assignment, at) : assignment
  }

  /** A function or class without a name takes the variable's, as a declaration would give it. */
  named(value: ts.Expression, name: string): ts.Expression {
    const { ts } = this
    let inner = value
    while (ts.isParenthesizedExpression(inner) || ts.isAsExpression(inner) || ts.isSatisfiesExpression(inner) || ts.isNonNullExpression(inner) || ts.isTypeAssertionExpression(inner)) inner = inner.expression
    const nameless = ts.isArrowFunction(inner) || (ts.isFunctionExpression(inner) || ts.isClassExpression(inner)) && !inner.name
    if (!nameless) return value
    return this.factory.createPropertyAccessExpression(this.factory.createObjectLiteralExpression([this.factory.createPropertyAssignment(name, value)]), name)
  }

  readonly visit = (node: ts.Node): ts.Node => {
    const { ts } = this
    if (ts.isIdentifier(node)) return this.#isBoxed(node) ? this.#read(node) : node
    if (ts.isTypeNode(node) && !(ts.isExpressionWithTypeArguments(node) && !this.#isTypeHeritage(node))) return node
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return node
    if (ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node)) return this.#inside(node)
    if (ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node)) return this.#inOwn(node)
    if (ts.isShorthandPropertyAssignment(node)) return this.#shorthand(node)
    if (ts.isBinaryExpression(node)) return this.#binary(node)
    if (ts.isAwaitExpression(node)) return this.#await(node)
    if (ts.isForOfStatement(node)) return this.#forOf(node)
    if (ts.isForInStatement(node)) return this.factory.updateForInStatement(node, this.#head(node.initializer), this.expression(node.expression), this.statement(node.statement))
    if (ts.isForStatement(node) && node.initializer && this.#isCellVar(node.initializer)) return this.#for(node, node.initializer)
    if (ts.isVariableStatement(node) && this.#isCellVar(node.declarationList)) return this.#varStatement(node)
    if (ts.isVariableDeclarationList(node) && this.depth === 0 && listWord(ts, node) === 'await using') this.isAsync = true
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) return this.session('meta')
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return this.call('import', ...node.arguments.map((a) => this.expression(a)))
    return this.children(node)
  }

  expression(node: ts.Expression): ts.Expression { return this.visit(node) as ts.Expression }
  statement(node: ts.Statement): ts.Statement { return this.visit(node) as ts.Statement }
  children<T extends ts.Node>(node: T): T { return this.ts.visitEachChild(node, this.visit, this.context) }

  /** `pattern = value` for a declared pattern: names become boxes, so the pattern becomes an assignment pattern. */
  pattern(name: ts.BindingName): ts.Expression {
    const { ts, factory } = this
    if (ts.isIdentifier(name)) return this.box(name.text, name)
    if (ts.isArrayBindingPattern(name)) {
      return factory.createArrayLiteralExpression(name.elements.map((e) => ts.isOmittedExpression(e) ? factory.createOmittedExpression() : this.#element(e)))
    }
    return factory.createObjectLiteralExpression(name.elements.map((element) => {
      if (element.dotDotDotToken) return factory.createSpreadAssignment(this.pattern(element.name))
      const key = element.propertyName ?? (element.name as ts.Identifier)
      const target = this.#element(element)
      return factory.createPropertyAssignment(ts.isComputedPropertyName(key) ? factory.createComputedPropertyName(this.expression(key.expression)) : ts.isIdentifier(key) ? factory.createIdentifier(key.text) : key, target)
    }))
  }

  #element(element: ts.BindingElement): ts.Expression {
    const target = this.pattern(element.name)
    if (element.dotDotDotToken) return this.factory.createSpreadElement(target)
    if (!element.initializer) return target
    const value = this.expression(element.initializer)
    return this.factory.createAssignment(target, this.ts.isIdentifier(element.name) ? this.named(value, element.name.text) : value)
  }

  /** Declarations of a list as one comma expression; without any initialiser, nothing. */
  assignments(list: ts.VariableDeclarationList): ts.Expression[] {
    const isVar = listWord(this.ts, list) === 'var'
    return list.declarations.flatMap((declaration) => {
      if (!declaration.initializer && isVar) return []
      const value = declaration.initializer ? this.expression(declaration.initializer) : this.factory.createVoidZero()
      if (this.ts.isIdentifier(declaration.name)) return [this.ts.setTextRange(this.factory.createAssignment(this.box(declaration.name.text, declaration.name), this.named(value, declaration.name.text)), declaration)]
      return [this.ts.setTextRange(this.factory.createAssignment(this.pattern(declaration.name), value), declaration)]
    })
  }

  sequence(expressions: readonly ts.Expression[]): ts.Expression { return expressions.reduce((left, right) => this.factory.createComma(left, right)) }

  #read(node: ts.Identifier): ts.Expression {
    const read = this.box(node.text, node)
    return this.#isCallee(node) ? this.factory.createParenthesizedExpression(this.factory.createComma(this.factory.createNumericLiteral(0), read)) : read
  }

  /** `f()`, `(f)()`, `f!()`, `f\`\``: called without the box as `this`. */
  #isCallee(node: ts.Node): boolean {
    const { ts } = this
    const parent = node.parent
    if (ts.isCallExpression(parent)) return parent.expression === node
    if (ts.isTaggedTemplateExpression(parent)) return parent.tag === node
    if (ts.isParenthesizedExpression(parent) || ts.isAsExpression(parent) || ts.isNonNullExpression(parent) || ts.isSatisfiesExpression(parent) || ts.isTypeAssertionExpression(parent) || ts.isExpressionWithTypeArguments(parent)) return this.#isCallee(parent)
    return false
  }

  #isBoxed(node: ts.Identifier): boolean {
    if (!this.facts.boxed.has(node.text) || this.#own.has(node.text) || this.ts.isPartOfTypeNode(node) || !this.#isReference(node)) return false
    return this.isSessionSymbol(this.checker.getSymbolAtLocation(node))
  }

  /** Declared at the top level of this cell's file, by the user or by what was added for the checker. */
  isSessionSymbol(symbol: ts.Symbol | undefined): boolean {
    return symbol?.declarations?.some((declaration) => declaration.getSourceFile() === this.file && this.#isTopLevel(declaration)) ?? false
  }

  #isTopLevel(declaration: ts.Node): boolean {
    const { ts } = this
    for (let node = declaration.parent; ; node = node.parent) {
      if (ts.isSourceFile(node)) return true
      if (ts.isFunctionLike(node) || ts.isModuleBlock(node) || ts.isClassLike(node) || ts.isEnumDeclaration(node)) return false
      const isVar = ts.isVariableDeclarationList(node) && listWord(ts, node) === 'var'
      if (isVar) return this.#isOutsideFunctions(node)
      if (ts.isBlock(node) || ts.isCaseBlock(node) || ts.isForStatement(node) || ts.isForInStatement(node) || ts.isForOfStatement(node) || ts.isCatchClause(node)) return false
    }
  }

  #isOutsideFunctions(node: ts.Node): boolean {
    return !this.ts.findAncestor(node, (n) => this.ts.isFunctionLike(n) || this.ts.isModuleBlock(n) || this.ts.isClassStaticBlockDeclaration(n))
  }

  /** An identifier that stands for a value, not one that names a member, a label or what is being declared. */
  #isReference(node: ts.Identifier): boolean {
    const { ts } = this
    const parent = node.parent
    if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
    if (ts.isPropertyAssignment(parent)) return parent.initializer === node
    if (ts.isBindingElement(parent)) return parent.initializer === node
    if (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isPropertyDeclaration(parent) || ts.isEnumMember(parent)) return parent.initializer === node
    if (ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent) || ts.isMetaProperty(parent) || ts.isQualifiedName(parent) || ts.isImportAttribute(parent)) return false
    if (ts.isImportClause(parent) || ts.isImportSpecifier(parent) || ts.isNamespaceImport(parent) || ts.isExportSpecifier(parent) || ts.isNamedTupleMember(parent)) return false
    if (ts.isFunctionLike(parent) || ts.isClassLike(parent) || ts.isEnumDeclaration(parent) || ts.isModuleDeclaration(parent) || ts.isImportEqualsDeclaration(parent)) {
      return ts.isArrowFunction(parent) && parent.body === node
    }
    return true
  }

  #isTypeHeritage(node: ts.ExpressionWithTypeArguments): boolean {
    const { ts } = this
    return ts.isHeritageClause(node.parent) && (node.parent.token === ts.SyntaxKind.ImplementsKeyword || ts.isInterfaceDeclaration(node.parent.parent))
  }

  #inside(node: ts.Node): ts.Node {
    this.depth++
    try { return this.children(node) } finally { this.depth-- }
  }

  #inOwn(node: ts.EnumDeclaration | ts.ModuleDeclaration): ts.Node {
    const name = node.name.text
    const isNew = !this.#own.has(name)
    if (isNew) this.#own.add(name)
    this.depth++
    try { return this.children(node) } finally { this.depth--; if (isNew) this.#own.delete(name) }
  }

  /** `{ x }` and, in a pattern that is assigned to, `{ x = 1 }`. */
  #shorthand(node: ts.ShorthandPropertyAssignment): ts.Node {
    const name = node.name.text
    const fallback = node.objectAssignmentInitializer && this.named(this.expression(node.objectAssignmentInitializer), name)
    const own = this.facts.boxed.has(name) && !this.#own.has(name) && this.isSessionSymbol(this.checker.getShorthandAssignmentValueSymbol(node))
    if (!own) return fallback ? this.factory.updateShorthandPropertyAssignment(node, node.name, fallback) : node
    const target = this.box(name, node.name)
    return this.ts.setTextRange(this.factory.createPropertyAssignment(name, fallback ? this.factory.createAssignment(target, fallback) : target), node)
  }

  #binary(node: ts.BinaryExpression): ts.Node {
    const { ts } = this
    const assigns = [ts.SyntaxKind.EqualsToken, ts.SyntaxKind.AmpersandAmpersandEqualsToken, ts.SyntaxKind.BarBarEqualsToken, ts.SyntaxKind.QuestionQuestionEqualsToken].includes(node.operatorToken.kind)
    if (!assigns || !ts.isIdentifier(node.left) || !this.#isBoxed(node.left)) return this.children(node)
    return this.factory.updateBinaryExpression(node, this.box(node.left.text, node.left), node.operatorToken, this.named(this.expression(node.right), node.left.text))
  }

  /** At the cell's own level an interrupt ends the wait. */
  #await(node: ts.AwaitExpression): ts.Node {
    if (this.depth > 0) return this.children(node)
    this.isAsync = true
    return this.factory.updateAwaitExpression(node, this.ts.setTextRange(this.call('wait', this.expression(node.expression)), node.expression))
  }

  #forOf(node: ts.ForOfStatement): ts.Node {
    const awaited = node.awaitModifier !== undefined && this.depth === 0
    if (awaited) this.isAsync = true
    const over = this.expression(node.expression)
    return this.factory.updateForOfStatement(node, node.awaitModifier, this.#head(node.initializer), awaited ? this.call('iterate', over) : over, this.statement(node.statement))
  }

  #head(initializer: ts.ForInitializer): ts.ForInitializer {
    if (!this.#isCellVar(initializer)) return this.visit(initializer) as ts.ForInitializer
    const declaration = initializer.declarations[0]
    return declaration ? this.pattern(declaration.name) : initializer
  }

  #for(node: ts.ForStatement, list: ts.VariableDeclarationList): ts.Node {
    const assignments = this.assignments(list)
    const head = assignments.length === 0 ? undefined : this.sequence(assignments)
    return this.factory.updateForStatement(node, head, node.condition && this.expression(node.condition), node.incrementor && this.expression(node.incrementor), this.statement(node.statement))
  }

  #varStatement(node: ts.VariableStatement): ts.Node {
    const assignments = this.assignments(node.declarationList)
    return assignments.length === 0 ? this.factory.createEmptyStatement() : this.ts.setTextRange(this.factory.createExpressionStatement(this.sequence(assignments)), node)
  }

  /** A `var` list outside functions: its names are the session's. */
  #isCellVar(node: ts.Node): node is ts.VariableDeclarationList {
    return this.depth === 0 && this.ts.isVariableDeclarationList(node) && listWord(this.ts, node) === 'var'
  }
}
