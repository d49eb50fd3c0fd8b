// Whatever is typed wrongly ends with one sentence that says what to do, and exit code 2.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ringlab, temporaryFolder } from './ringlab.js'

test.each([
  [['instal'], "unknown command 'instal'; did you mean install?"],
  [['quux'], "unknown command 'quux'; `ringlab --help` lists what there is"],
  [['install', '--sys-prefx'], "unknown option '--sys-prefx'; did you mean --sys-prefix?"],
  [['install', '--prefix'], "option '--prefix <dir>' is given without its value"],
  [['install', '--user', '--sys-prefix'], '--user and --sys-prefix say different places'],
  [['install', '--name', 'a b'], "and 'a b' holds something else"],
  [['install', 'extra'], "too many arguments"],
  [['kernel'], "missing required argument 'file'"],
  [['kernel', '/nowhere/kernel.json'], 'there is no connection file /nowhere/kernel.json'],
  [['lab', '/nowhere/book.ipynb'], 'there is no notebook /nowhere/book.ipynb'],
  [['lab', 'package.json'], 'is no notebook (.ipynb) and no folder'],
  [['lab', '--port', '99999'], "--port takes a number from 1 to 65535, and '99999' is none"],
  [['doctor', '--jsn'], "unknown option '--jsn'; did you mean --json?"],
  [['run'], "missing required argument 'file'"],
  [['run', '/nowhere/book.ipynb'], 'there is no file /nowhere/book.ipynb'],
  [['run', 'LICENSE'], 'is neither a notebook (.ipynb) nor a script (.ts)'],
  [['run', 'vitest.config.ts', '--device', 'gpu'], "there is no device 'gpu'; the devices are auto, cpu, host, cuda and cuda:N"],
  [['run', 'vitest.config.ts', '--timeout-seconds', 'soon'], "--timeout-seconds takes a number above 0, and 'soon' is none"],
  [['run', 'vitest.config.ts', '--output', '/nowhere/out.ipynb'], 'there is no such folder'],
  [['run', 'vitest.config.ts', '--output', 'out.html'], '--output takes a file that ends in .ipynb'],
  [['bench', 'quux'], "there is no bench 'quux'"],
])('ringlab %j', async (words, sentence) => {
  const { code, stdout, stderr } = await ringlab(words)
  expect(stderr).toContain(sentence)
  expect(stderr).toMatch(/^ringlab: [^\n]+\n$/)
  expect(stdout).toBe('')
  expect(code).toBe(2)
})

test.each([
  ['not JSON', '{', 'it is not JSON'],
  ['no cells', '{ "nbformat": 4 }', 'it has no cells'],
  ['an old format', '{ "nbformat": 3, "cells": [] }', 'has notebook format 3'],
])('a notebook that is %s is refused before anything runs', async (_what, text, sentence) => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'book.ipynb')
  writeFileSync(file, text)
  const { code, stderr } = await ringlab(['run', file])
  expect(stderr).toContain(sentence)
  expect(code).toBe(2)
})

test('no command at all shows the help and is wrong use; --help and --version are right use', async () => {
  const nothing = await ringlab([])
  expect(nothing).toMatchObject({ code: 2, stdout: '' })
  for (const command of ['install', 'uninstall', 'kernel', 'run', 'lab', 'bench', 'doctor']) expect(nothing.stderr).toContain(command)
  expect((await ringlab(['--help'])).code).toBe(0)
  expect(await ringlab(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n' })
})

test('help fits a terminal of 80 columns', async () => {
  for (const command of [[], ['install'], ['run'], ['lab'], ['bench'], ['doctor']]) {
    const { stdout } = await ringlab([...command, '--help'], { env: { COLUMNS: '80' } })
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  }
})
