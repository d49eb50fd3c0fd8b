// The type checker's side of buffers, connections and kernels: valid programs compile, and each misuse is an error.
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

test('valid programs compile, and every misuse is an error', () => {
  const configPath = fileURLToPath(new URL('../tsconfig.json', import.meta.url))
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(configPath, (path) => ts.sys.readFile(path)).config, ts.sys, fileURLToPath(new URL('..', import.meta.url)))
  const program = ts.createProgram([fileURLToPath(new URL('typed-programs.ts', import.meta.url))], options)
  const found = ts.getPreEmitDiagnostics(program).map((each) => `${String(each.file?.getLineAndCharacterOfPosition(each.start ?? 0).line)}: ${ts.flattenDiagnosticMessageText(each.messageText, ' ')}`)
  expect(found).toEqual([])
})
