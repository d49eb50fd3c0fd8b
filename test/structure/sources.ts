// The source files of src/ and test/ as the structure tests read them: parsed, with what each imports and exports.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** `names` are undefined where all of a module is taken: a namespace, a dynamic import, a bare import. */
export interface Import { readonly specifier: string; /** A file of src, `runtime/wait.ts`, or a package. */ readonly target: string; readonly isType: boolean; readonly names: readonly string[] | undefined }
export interface SourceFile { /** From the repository's top, `src/ring/ring.ts`. */ readonly path: string; readonly text: string; readonly tree: ts.SourceFile; readonly imports: readonly Import[] }

/** All TypeScript files below a folder of the repository. */
export function sourcesOf(folder: 'src' | 'test'): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.[cm]?[jt]s$/.test(name) && !/^(output|\.environment)\//.test(name) && !name.includes('node_modules'))
    .map((name) => readSource(`${folder}/${name}`))
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8')
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const imports: Import[] = []
  const add = (specifier: ts.Node | undefined, isType: boolean, names: readonly string[] | undefined): void => {
    if (specifier && ts.isStringLiteralLike(specifier)) imports.push({ specifier: specifier.text, target: targetOf(path, specifier.text), isType, names })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node), importedNames(node))
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly, node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements.map((element) => (element.propertyName ?? element.name).text) : undefined)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true, undefined)
    else if (ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || /require\)?$|^createRequire\(|\.resolve$/i.test(node.expression.getText(tree)))) add(node.arguments[0], false, undefined)
    // A worker's file, and whatever is named relative to this file.
    else if (ts.isNewExpression(node) && node.expression.getText(tree) === 'URL') add(node.arguments?.[0], false, undefined)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return { path, text, tree, imports }
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (!importClause) return false
  const bindings = importClause.namedBindings
  return importClause.phaseModifier === ts.SyntaxKind.TypeKeyword
    || (!importClause.name && bindings !== undefined && ts.isNamedImports(bindings) && bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly))
}

function importedNames({ importClause }: ts.ImportDeclaration): readonly string[] | undefined {
  const bindings = importClause?.namedBindings
  if (!importClause || (bindings && ts.isNamespaceImport(bindings))) return undefined
  return [...(importClause.name ? ['default'] : []), ...(bindings?.elements.map((element) => (element.propertyName ?? element.name).text) ?? [])]
}

function targetOf(from: string, specifier: string): string {
  if (specifier.startsWith('#ringlab/')) return `src/${specifier.slice('#ringlab/'.length).replace(/\.js$/, '.ts')}`
  if (specifier === 'ringlab') return 'src/index.ts'
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier)).replaceAll('\\', '/').replace(/\.js$/, '.ts')
  return specifier.startsWith('node:') ? specifier : specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

/** The room of a file of src; `index.ts` is a room of its own. */
export function roomOf(path: string): string {
  const parts = path.split('/')
  return parts.length > 2 ? (parts[1] ?? '') : (parts.at(-1) ?? '')
}
