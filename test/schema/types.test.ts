// The type checker's side of schemas: valid programs compile, and each misuse is an error.
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

test('schemas are typed: valid programs compile, misuses do not', () => {
  const configPath = fileURLToPath(new URL('../tsconfig.json', import.meta.url))
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(configPath, (path) => ts.sys.readFile(path)).config, ts.sys, fileURLToPath(new URL('..', import.meta.url)))
  const program = ts.createProgram([fileURLToPath(new URL('./typed-schemas.ts', import.meta.url))], options)
  const found = ts.getPreEmitDiagnostics(program).map((each) => `${String(each.file?.getLineAndCharacterOfPosition(each.start ?? 0).line)}: ${ts.flattenDiagnosticMessageText(each.messageText, ' ')}`)
  expect(found).toEqual([])
})
