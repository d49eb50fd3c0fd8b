// A sample for every kind of node and operator that can stand in a body, and the kinds that cannot.
import type typescript from 'typescript'

export type KindName = keyof typeof typescript.SyntaxKind

/** Lines of a handler in which the kind stands; all of them compile. */
export const translated: Partial<Record<KindName, string>> = {
  NumericLiteral: 'give(1)', BigIntLiteral: 'give(Number(1n))', StringLiteral: 'console.log("x")', NoSubstitutionTemplateLiteral: 'console.log(`x`)', TrueKeyword: 'give(true ? 1 : 0)',
  FalseKeyword: 'give(false ? 1 : 0)', NullKeyword: 'give(m.a == null ? 1 : 0)', Identifier: 'give(m.a)', ArrayLiteralExpression: 'give([1, 2][0])', ObjectLiteralExpression: 'give({ x: 1 }.x)',
  PropertyAccessExpression: 'give(m.a)', ElementAccessExpression: 'give(m.v[0])', CallExpression: 'give(square(2))', NewExpression: 'give(new Float32Array(2).length)',
  ParenthesizedExpression: 'give((1))', FunctionExpression: 'const f = function () { return 1 }; give(f())', ArrowFunction: 'const f = () => 1; give(f())', TypeOfExpression: 'give(typeof m.a === "number" ? 1 : 0)',
  VoidExpression: 'void square(1); give(1)', PrefixUnaryExpression: 'give(-m.a)', PostfixUnaryExpression: 'let x = 1; x++; give(x)', BinaryExpression: 'give(m.a + 1)', ConditionalExpression: 'give(m.flag ? 1 : 2)',
  TemplateExpression: 'console.log(`a ${m.a}`)', TemplateHead: 'console.log(`a ${m.a}`)', TemplateMiddle: 'console.log(`a ${m.a} ${m.b}`)', TemplateTail: 'console.log(`a ${m.a}`)', TemplateSpan: 'console.log(`a ${m.a}`)',
  AwaitExpression: 'const f = async () => 1; const g = async () => { give(await f()) }; void (async () => { await g() })', ObjectBindingPattern: 'const { a } = m; give(a)', ArrayBindingPattern: 'const [a] = m.v; give(a)',
  BindingElement: 'const { a: b } = m; give(b)', OmittedExpression: 'const [, b] = m.v; give(b)', PropertyAssignment: 'give({ x: 1 }.x)', ShorthandPropertyAssignment: 'const x = 1; give({ x }.x)',
  SpreadAssignment: 'give({ ...m.p }.x)', MethodDeclaration: 'const o = { f() { return 1 } }; give(o.f())', Parameter: 'const f = (x) => x; give(f(1))', Block: '{ give(1) }', VariableStatement: 'const x = 1; give(x)',
  VariableDeclaration: 'const x = 1; give(x)', VariableDeclarationList: 'let x = 1; give(x)', EmptyStatement: ';give(1)', ExpressionStatement: 'give(1)', IfStatement: 'if (m.flag) give(1)', DoStatement: 'let i = 0; do i++; while (i < 3); give(i)',
  WhileStatement: 'let i = 0; while (i < 1) { i++; give(1) }', ForStatement: 'for (let i = 0; i < 1; i++) give(1)', ForOfStatement: 'for (const x of [1]) give(x)', ContinueStatement: 'for (const x of [1]) { give(x); continue }',
  BreakStatement: 'for (const x of [1]) { give(x); break }', ReturnStatement: 'give(1); return', SwitchStatement: 'switch (m.k) { default: give(1) }', CaseBlock: 'switch (m.k) { default: give(1) }',
  CaseClause: 'switch (m.k) { case 1: give(1) }', DefaultClause: 'switch (m.k) { default: give(1) }', LabeledStatement: 'x: for (const v of [1]) { give(v); break x }', ThrowStatement: 'throw new Error("x")',
  FunctionDeclaration: 'function f() { return 1 } give(f())', AsyncKeyword: 'const f = async () => 1; give(1)', QuestionDotToken: 'give(m?.a)',
  PlusToken: 'give(m.a + 1)', MinusToken: 'give(m.a - 1)', AsteriskToken: 'give(m.a * 2)', SlashToken: 'give(m.a / 2)', PercentToken: 'give(m.a % 2)', AsteriskAsteriskToken: 'give(m.a ** 2)',
  PlusPlusToken: 'let x = 1; ++x; give(x)', MinusMinusToken: 'let x = 1; --x; give(x)', LessThanLessThanToken: 'give(m.i << 1)', GreaterThanGreaterThanToken: 'give(m.i >> 1)',
  GreaterThanGreaterThanGreaterThanToken: 'give(m.i >>> 1)', AmpersandToken: 'give(m.i & 1)', BarToken: 'give(m.i | 1)', CaretToken: 'give(m.i ^ 1)', ExclamationToken: 'give(!m.flag ? 1 : 0)', TildeToken: 'give(~m.i)',
  AmpersandAmpersandToken: 'give(m.flag && m.a > 0 ? 1 : 0)', BarBarToken: 'give(m.flag || m.a > 0 ? 1 : 0)', QuestionQuestionToken: 'give(m.a ?? 1)', CommaToken: 'give((m.a, m.b))',
  LessThanToken: 'give(m.a < 1 ? 1 : 0)', GreaterThanToken: 'give(m.a > 1 ? 1 : 0)', LessThanEqualsToken: 'give(m.a <= 1 ? 1 : 0)', GreaterThanEqualsToken: 'give(m.a >= 1 ? 1 : 0)',
  EqualsEqualsToken: 'give(m.a == 1 ? 1 : 0)', ExclamationEqualsToken: 'give(m.a != 1 ? 1 : 0)', EqualsEqualsEqualsToken: 'give(m.a === 1 ? 1 : 0)', ExclamationEqualsEqualsToken: 'give(m.a !== 1 ? 1 : 0)',
  QuestionToken: 'give(m.flag ? 1 : 0)', ColonToken: 'give(m.flag ? 1 : 0)', EqualsGreaterThanToken: 'const f = () => 1; give(f())', EqualsToken: 'let x = 1; x = 2; give(x)',
  PlusEqualsToken: 'let x = 1; x += 2; give(x)', MinusEqualsToken: 'let x = 1; x -= 2; give(x)', AsteriskEqualsToken: 'let x = 1; x *= 2; give(x)', AsteriskAsteriskEqualsToken: 'let x = 1; x **= 2; give(x)',
  SlashEqualsToken: 'let x = 1; x /= 2; give(x)', PercentEqualsToken: 'let x = 1; x %= 2; give(x)', LessThanLessThanEqualsToken: 'let x = 1; x <<= 2; give(x)', GreaterThanGreaterThanEqualsToken: 'let x = 1; x >>= 2; give(x)',
  GreaterThanGreaterThanGreaterThanEqualsToken: 'let x = 1; x >>>= 2; give(x)', AmpersandEqualsToken: 'let x = 1; x &= 2; give(x)', BarEqualsToken: 'let x = 1; x |= 2; give(x)', CaretEqualsToken: 'let x = 1; x ^= 2; give(x)',
  AmpersandAmpersandEqualsToken: 'let x = 1; x &&= 2; give(x)', BarBarEqualsToken: 'let x = 1; x ||= 2; give(x)', QuestionQuestionEqualsToken: 'let x = 1; x ??= 2; give(x)',
}

/** The same, each refused with a sentence that says what to write instead. */
export const refused: Partial<Record<KindName, string>> = {
  RegularExpressionLiteral: 'console.log(/x/)', ThisKeyword: 'const f = { x: 1, g() { return this.x } }; give(f.g())', SuperKeyword: 'const o = { f() { return super.x } }; give(o.f())',
  PrivateIdentifier: 'class C { #x = 1; static f(o) { return #x in o } } give(C.f(m))', TaggedTemplateExpression: 'square`1`', DeleteExpression: 'delete m.p.x', YieldExpression: 'const f = function* () { yield 1 }; f()',
  SpreadElement: 'give(Math.max(...m.v))', ClassExpression: 'const C = class {}; new C()', ClassDeclaration: 'class C {} new C()', MetaProperty: 'const f = function () { return new.target }; give(f() ? 1 : 0)',
  ForInStatement: 'for (const k in m.p) give(1)', TryStatement: 'try { give(1) } finally { give(2) }', CatchClause: 'try { give(1) } catch { give(2) }', DebuggerStatement: 'debugger', GetAccessor: 'const o = { get x() { return 1 } }; give(o.x)',
  SetAccessor: 'const o = { set x(v) {} }; give(1)', ComputedPropertyName: 'const o = { [`a${m.k}`]: 1 }; give(1)', InKeyword: 'give("a" in m ? 1 : 0)', InstanceOfKeyword: 'give(m instanceof Object ? 1 : 0)',
  DotDotDotToken: 'const f = (...x) => x; give(f(1).length)', UsingKeyword: 'using x = { [Symbol.dispose]() {} }',
  Constructor: 'class C { constructor() {} } new C()', PropertyDeclaration: 'class C { x = 1 } give(new C().x)', HeritageClause: 'class C extends Object {} new C()', ExpressionWithTypeArguments: 'class C extends Object {} new C()',
  ClassStaticBlockDeclaration: 'class C { static {} } new C()', SemicolonClassElement: 'class C { ; } new C()', StaticKeyword: 'class C { static x = 1 } new C()', AccessorKeyword: 'class C { accessor x = 1 } new C()',
}

/** Kinds that stand in no body: of types (blanked before), of modules, of JSX, of JSDoc, of JSON, of the parser's own, and what only delimits others. */
export const elsewhere: readonly RegExp[] = [
  /^(Unknown|EndOfFileToken|Count|SyntaxList|NotEmittedStatement|NotEmittedTypeElement|PartiallyEmittedExpression|CommaListExpression|SyntheticExpression|SyntheticReferenceExpression|MissingDeclaration|Bundle|SourceFile)$/,
  /Trivia$/, /^JSDoc/, /^Jsx/, /Type$/, /^(TypeParameter|PropertySignature|MethodSignature|CallSignature|ConstructSignature|IndexSignature|TypePredicate|TypeReference|TypeQuery|TypeLiteral|NamedTupleMember|TypeOperator|TemplateLiteralTypeSpan|QualifiedName)$/,
  /^(TypeAssertionExpression|AsExpression|NonNullExpression|SatisfiesExpression|InterfaceDeclaration|TypeAliasDeclaration|EnumDeclaration|EnumMember|ModuleDeclaration|ModuleBlock|Decorator|NamespaceExportDeclaration)$/,
  /^(Import|Export|Named|Namespace|ExternalModule|MissingDecl)/,
  // `with` is an error in the strict mode that bodies are in, and capture refuses import().
  /^With/, /^(JsonMinusNumericLiteral)$/,
  // Punctuation and words that stand inside nodes of other kinds, which have their samples.
  /^(OpenBrace|CloseBrace|OpenParen|CloseParen|OpenBracket|CloseBracket|Dot|Semicolon|LessThanSlash|At|Backtick|Hash)Token$/, /^HashToken$/,
  /^(?!(True|False|Null|This|Super|In|InstanceOf|Async|Using|Static|Accessor)Keyword$)\w+Keyword$/,
]
