// Makes plain JavaScript of the GPU suite and the corpus, so that they run on a machine that has Node and nothing else. Types are checked by the lint.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const test = fileURLToPath(new URL('..', import.meta.url))

/**
 * Writes `gpu/suite`, `corpus` and what else they read below `folder`, laid out as they are below test/.
 * @param {string} folder
 */
export function buildSuite(folder) {
  rmSync(folder, { recursive: true, force: true })
  for (const source of [...sourcesIn(join(test, 'gpu', 'suite')), ...sourcesIn(join(test, 'corpus')), join(test, 'numbers', 'inputs.ts')]) {
    const target = join(folder, relative(test, source).replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    const { outputText } = ts.transpileModule(readFileSync(source, 'utf8'), { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true } })
    writeFileSync(target, outputText)
  }
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function sourcesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sourcesIn(path)
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [path] : []
  })
}
