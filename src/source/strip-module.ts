// A user's TypeScript file as an ES module whose functions stand where they stood: types blanked, imports and exports moved to its end.
import { createRequire } from 'node:module'
import type typescript from 'typescript'
import { stripTypes } from './strip-types.js'

let loaded: typeof typescript | undefined

/**
 * JavaScript of a TypeScript module. Lines and columns of what runs stay, so what the engine says of a function's place is true of the file. Imports and
 * exports are hoisted by the engine wherever they stand; which are of types only, TypeScript itself says.
 */
export function stripModule(text: string, path: string): string {
  const ts = loaded ??= createRequire(import.meta.url)('typescript') as typeof typescript
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS)
  const { outputText } = ts.transpileModule(text, { fileName: path, compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, removeComments: true } })
  const moved = ts.createSourceFile('moved.js', outputText, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS).statements.filter((s) => isMoved(ts, s)).map((s) => s.getText())
  let stripped = ''
  let at = 0
  for (const statement of file.statements) {
    const start = statement.getStart(file)
    stripped += text.slice(at, start) + (isMoved(ts, statement) ? blank(statement.getText(file)) : stripTypes(ts, file, statement))
    at = statement.end
  }
  const exported = file.statements.flatMap((statement) => exportsOf(ts, statement))
  return [stripped + text.slice(at), ...moved, ...(exported.length > 0 ? [`export { ${exported.join(', ')} }`] : [])].join('\n')
}

/** Imports, and exports of what stands elsewhere. */
function isMoved(ts: typeof typescript, statement: typescript.Statement): boolean {
  return ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)
}

/** What a statement exports by a keyword of its own, which is blanked with its types. */
function exportsOf(ts: typeof typescript, statement: typescript.Statement): string[] {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement)?.map(({ kind }) => kind) ?? [] : []
  if (!modifiers.includes(ts.SyntaxKind.ExportKeyword) || modifiers.includes(ts.SyntaxKind.DeclareKeyword)) return []
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name }) => namesIn(ts, name))
  if ((ts.isFunctionDeclaration(statement) && statement.body) || ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement)) {
    const name = statement.name?.text
    return name === undefined ? [] : [modifiers.includes(ts.SyntaxKind.DefaultKeyword) ? `${name} as default` : name]
  }
  return []
}

function namesIn(ts: typeof typescript, name: typescript.BindingName): string[] {
  return ts.isIdentifier(name) ? [name.text] : name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesIn(ts, element.name) : []))
}

function blank(text: string): string { return text.replace(/[^\r\n\u2028\u2029]/g, ' ') }
