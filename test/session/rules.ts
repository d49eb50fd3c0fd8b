// What a cell means, one row a rule: cells in order, and what the last one comes to. Rows share one session, so each has names of its own.

export interface Rule {
  readonly rule: string
  readonly cells: readonly string[]
  /** The last cell's result. */
  readonly text?: string | RegExp
  readonly stdout?: string | RegExp
  readonly stderr?: string | RegExp
  /** `Name: message` of the error that the last cell ends with. */
  readonly error?: string | RegExp
  readonly traceback?: RegExp
}

export const scopeRules: readonly Rule[] = [
  { rule: 'names carry across cells', cells: ['const s1 = 5', 's1 + 1'], text: '6' },
  { rule: 'a name means its latest definition, also in functions defined earlier', cells: ['let s2 = 1; function readS2() { return s2 }', 'const s2 = "new"', 'readS2()'], text: "'new'" },
  { rule: 'a function calls the latest definition of another', cells: ['function s3a() { return s3b() }\nfunction s3b() { return 1 }', 'function s3b() { return 2 }', 's3a()'], text: '2' },
  { rule: 'redefinition replaces and may change the type', cells: ['let s4: number = 1', 'let s4: string = "a"', 's4 = "b"; s4.length'], text: '1' },
  { rule: 'redefined interfaces never merge', cells: ['interface S5 { a: number }', 'interface S5 { b: string }', 'const s5: S5 = { b: "x" }; s5.b'], text: "'x'" },
  { rule: 'variables of earlier cells can be assigned', cells: ['let s6 = 1', 's6 = 2; s6++; s6 += 10; [s6] = [s6 * 2]; s6'], text: '26' },
  { rule: 'an assignment is checked against the type of the earlier cell', cells: ['let s7 = 1', 's7 = "x"'], error: /TypeScriptError: cell \[\d+\]:1:1 - Type 'string' is not assignable to type 'number'/ },
  { rule: 'const stays const in later cells', cells: ['const s8 = 1', 's8 = 2'], error: /TypeScriptError: .*Cannot assign to 's8' because it is a constant.*declare it again with let/ },
  { rule: 'a called function gets no box as this', cells: ['function s9(this: unknown) { return this === undefined }', '[s9(), (s9)(), s9!(), s9?.(), (s9 as any)()].join()'], text: "'true,true,true,true,true'" },
  { rule: 'a tag of a template gets no box as this', cells: ['function s10(this: unknown, parts: TemplateStringsArray) { return this === undefined && parts[0] }', 's10`hi`'], text: "'hi'" },
  { rule: 'shorthand properties read the session', cells: ['let s11 = 1', '({ s11 })'], text: '{ s11: 1 }' },
  { rule: 'destructuring declares names', cells: ['const { s12a, s12b: { c: s12c = 7 } = {}, ...s12r } = { s12a: 1, x: 2 } as { s12a: number, x: number, s12b?: { c?: number } }; const [s12d, , ...s12e] = [1, 2, 3, 4]', '[s12a, s12c, s12r, s12d, s12e]'], text: '[ 1, 7, { x: 2 }, 1, [ 3, 4 ] ]' },
  { rule: 'destructuring assigns names', cells: ['let s13a = 0, s13b = 0, s13c: number[] = []', 'let s13r = {}; ({ s13a, x: s13b = 9, ...s13r } = { s13a: 4 } as any); [s13a, ...s13c] = [s13a + 1, 2, 3]; [s13a, s13b, s13c]'], text: '[ 5, 9, [ 2, 3 ] ]' },
  { rule: 'shorthand with a default in an assignment pattern', cells: ['let s14 = 0', '({ s14 = 3 } = {}); s14'], text: '3' },
  { rule: 'loop heads assign session names', cells: ['let s15 = 0, s15k = ""', 'for (s15 of [1, 2, 3]); for (s15k in { q: 1 }); for (s15 = 10; s15 < 12; s15++); [s15, s15k]'], text: "[ 12, 'q' ]" },
  { rule: 'top-level var in loops and blocks belongs to the session', cells: ['for (var s16 = 0; s16 < 3; s16++) { var s16b = s16 } for (var s16c of [7, 8]); if (false) { var s16d = 1 }', '[s16, s16b, s16c, s16d]'], text: '[ 3, 2, 8, undefined ]' },
  { rule: 'block-scoped names stay in their block', cells: ['const s17 = 1; { const s17 = 2; (() => s17)() } for (const s17 of [3]) { s17 }', 's17'], text: '1' },
  { rule: 'parameters and inner functions shadow session names', cells: ['const s18 = 1', '((s18: number) => { const f = () => s18; return f() })(5) + [2].map(s18 => s18)[0]!'], text: '7' },
  { rule: 'closures over loop variables are their own', cells: ['const s19 = [0, 1, 2].map(() => 0).map((_, i) => () => i)', 's19.map(f => f()).join()'], text: "'0,1,2'" },
  { rule: 'functions and classes keep their names', cells: ['const s20a = () => 1, s20b = class {}, s20c = function () {}; let s20d; s20d = (async () => {}); function s20e() {} class S20f {} const { s20g = () => 1 } = {} as { s20g?: () => number }', '[s20a, s20b, s20c, s20d, s20e, S20f, s20g].map(f => f.name).join()'], text: "'s20a,s20b,s20c,s20d,s20e,S20f,s20g'" },
  { rule: 'classes work across cells, with private members', cells: ['class S21 { #p = 1; get p() { return this.#p } static make() { return new S21() } }', 'class S21b extends S21 { q = this.p + 1 }\nnew S21b().q + S21.make().p'], text: '3' },
  { rule: 'static initialisers may use the class by name', cells: ['class S22 { static one = S22.make(); static make() { return new S22() } static { S22.one } }', 'S22.one instanceof S22'], text: 'true' },
  { rule: 'enums and namespaces work across cells', cells: ['enum S23 { A, B = "x".length + 5 } const enum S23c { X = 4 } namespace S23n { export const v = 1; export type T = string; export function f() { return v + 1 } } namespace S23n { export const w = v + 10 }', 'const s23: S23n.T = "s"; [S23.B, S23[0], S23c.X, S23n.f(), S23n.w, s23]'], text: "[ 6, 'A', 4, 2, 11, 's' ]" },
  { rule: 'types, aliases and generics carry across cells', cells: ['type S24<T> = { v: T }; interface S24i { n: number } const S24i = { made: true }', 'const s24: S24<S24i> = { v: { n: 1 } }; [s24.v.n, S24i.made]'], text: '[ 1, true ]' },
  { rule: 'generators and async generators', cells: ['function* s25() { yield 1; yield 2 } async function* s25a() { yield* s25() }', 'const s25r = []; for await (const v of s25a()) s25r.push(v); [...s25(), ...s25r]'], text: '[ 1, 2, 1, 2 ]' },
  { rule: 'labels, breaks and continues', cells: ['let s26 = 0; s26out: for (const i of [1, 2, 3]) { for (const j of [1, 2]) { if (j === 2) continue s26out; if (i === 3) break s26out; s26 += i } } s26'], text: '3' },
  { rule: 'decorators', cells: ['function s27(value: Function, context: ClassMethodDecoratorContext) { return function (this: unknown) { return String(context.name) + "!" } }', 'class S27 { @s27 hello() { return "" } @(s27) other() { return "" } accessor z = 1 }\n[new S27().hello(), new S27().other(), new S27().z]'], text: "[ 'hello!', 'other!', 1 ]" },
  { rule: 'overloads and assertion functions', cells: ['function s28(x: number): number; function s28(x: string): string; function s28(x: any) { return x }\nfunction s28ok(x: unknown): asserts x is string {}', 'let s28v: unknown = "abc"; s28ok(s28v); s28v.length + s28(1)'], text: '4' },
  { rule: 'a name may be that of a global, without touching it', cells: ['const URL = 5', '[URL, typeof require("url").URL, typeof globalThis.URL]'], text: "[ 5, 'function', 'function' ]" },
  { rule: 'declare global and declared variables', cells: ['declare global { interface Array<T> { lastS30(): T | undefined } var s30g: number }\nArray.prototype.lastS30 = function () { return this[this.length - 1] }; globalThis.s30g = 9', '[[1, 2].lastS30(), s30g]'], text: '[ 2, 9 ]' },
  { rule: 'typeof, unary and compound operators on session names', cells: ['let s31 = 4; let s31u: number | undefined', '[typeof s31, -s31, s31 ** 2, s31++, ++s31, s31u ??= 3, void s31]'], text: "[ 'number', -4, 16, 4, 6, 3, undefined ]" },
  { rule: 'narrowing works on names of earlier cells', cells: ['let s32: string | undefined = Math.random() > 2 ? undefined : "abc"', 'if (s32) s32.length; s32?.length'], text: '3' },
  { rule: 'unique symbols and literal types carry', cells: ['const s33: unique symbol = Symbol("k"); const s33m = "fast"; const s33t = [1, 2] as const', 'interface S33 { [s33]: number } const s33o: S33 = { [s33]: 1 }; const s33f: "fast" = s33m; const s33n: 1 = s33t[0]; [s33o[s33], s33f, s33n]'], text: "[ 1, 'fast', 1 ]" },
  { rule: 'property names equal to session names are left alone', cells: ['const s34 = 1', '({ s34: 2, m: { s34() { return 3 } } }).s34 + [{ s34: 4 }].map(({ s34 }) => s34)[0]! + [{ s34: 5 }].map(({ s34: q }) => q)[0]!'], text: '11' },
]

export const orderRules: readonly Rule[] = [
  { rule: 'functions are hoisted within the cell', cells: ['const o1 = o1f(); function o1f() { return 3 }\no1'], text: '3' },
  { rule: 'redeclaring leaves the old value until the new initialiser ran', cells: ['let o2 = 1; const readO2 = () => o2', 'const o2seen = readO2(); let o2 = 2; [o2seen, o2, readO2()]'], text: '[ 1, 2, 2 ]' },
  { rule: 'after a failure, names initialised stay', cells: ['const o3a = 1; throw new Error("x"); const o3b = 2', 'o3a'], text: '1' },
  { rule: 'after a failure, other names keep their old value and type', cells: ['let o4 = "old"', 'throw new Error("x"); let o4 = 5', 'o4.toUpperCase()'], text: "'OLD'" },
  { rule: 'after a failure, a name that never had a value says which cell failed', cells: ['throw new Error("x"); const o5 = 5', 'o5'], error: /ReferenceError: o5 was declared in cell \[\d+\], which failed before giving it a value/ },
  { rule: 'reading a name before its initialiser throws', cells: ['o6f(); const o6 = 1; function o6f() { return o6 }'], error: "ReferenceError: Cannot access 'o6' before initialization" },
  { rule: 'a cell with type errors declares nothing', cells: ['const o7 = 1; const o7b: number = "x"', 'typeof o7'], error: /Cannot find name 'o7'/ },
  { rule: 'let x = x + 1 is an error with a hint', cells: ['let o8 = 1', 'let o8 = o8 + 1'], error: /used before its declaration.*write o8 = …/ },
  { rule: 'a cell that failed may run again', cells: ['throw new Error("x"); const o9 = 5', 'const o9 = 6', 'o9'], text: '6' },
  { rule: 'a failed destructuring gives no names', cells: ['const { o10 } = null as any', 'o10'], error: /o10 was declared in cell \[\d+\], which failed/ },
]

export const resultRules: readonly Rule[] = [
  { rule: 'the last expression is the result', cells: ['1; 2; 3'], text: '3' },
  { rule: 'a semicolon changes nothing', cells: ['40 + 2;'], text: '42' },
  { rule: 'a declaration has no result', cells: ['5; const r3 = 1'], text: '' },
  { rule: 'undefined shows nothing', cells: ['undefined'], text: '' },
  { rule: 'null is shown', cells: ['null'], text: 'null' },
  { rule: 'text is that of util.inspect', cells: ['[{ a: new Map([[1, "x"]]) }, "s", 1n]'], text: "[ { a: Map(1) { 1 => 'x' } }, 's', 1n ]" },
  { rule: 'a promise is not awaited, and says what to do', cells: ['Promise.resolve(5)'], text: /Promise \{ 5 \}.*add await/ },
  { rule: 'an awaited promise gives its value', cells: ['await Promise.resolve(5)'], text: '5' },
  { rule: 'a promise is not awaited in a cell that awaits', cells: ['await null; Promise.resolve(6)'], text: /Promise \{ 6 \}/ },
  { rule: 'a cell that starts with { is an expression when it reads as one', cells: ['{ a: 1, b: { c: 2 } }'], text: '{ a: 1, b: { c: 2 } }' },
  { rule: 'a cell that starts with { is a block otherwise', cells: ['{ let q = 1; console.log(q) }'], stdout: '1\n', text: '' },
  { rule: 'export is accepted and ignored', cells: ['export const r12 = 1; export function r12f() { return 2 } export class R12 {} export type R12t = string; const r12z = 3; export { r12z as r12w }; export {}', '[r12, r12f(), r12z]'], text: '[ 1, 2, 3 ]' },
  { rule: 'export default is the result', cells: ['const r13 = 2; export default r13 * 21'], text: '42' },
  { rule: 'export default works with functions and classes', cells: ['export default class R14 { a = 1 }', 'new R14().a'], text: '1' },
  { rule: '_ is the last result', cells: ['6 * 7', '_ + 1'], text: '43' },
  { rule: '_ is the user\'s own when there is one', cells: ['const _ = "mine"', '5', '_'], text: "'mine'" },
  { rule: 'this at the top level is undefined, and code is strict', cells: ['[typeof this, (function (this: unknown) { return this })()]'], text: "[ 'undefined', undefined ]" },
  { rule: 'comments and blank cells are cells', cells: ['// nothing\n/* here */\n'], text: '' },
  { rule: 'an error class and its cause are shown', cells: ['throw new RangeError("outer", { cause: new TypeError("inner") })'], error: 'RangeError: outer', traceback: /\[cause\]: TypeError: inner/ },
  { rule: 'errors inside an AggregateError are shown', cells: ['await Promise.any([Promise.reject(new Error("one")), Promise.reject(new Error("two"))])'], error: /AggregateError: All promises were rejected/, traceback: /one[\s\S]*two/ },
  { rule: 'something thrown that is no error is shown', cells: ['throw { code: 5 }'], error: 'Error: Uncaught { code: 5 }' },
]
