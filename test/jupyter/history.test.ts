// History on disk: what one session ran, the next one finds.

import { appendFileSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { History } from '#ringlab/jupyter/history.js'

const folder = (): string => mkdtempSync(join(tmpdir(), 'ringlab-history-'))

function session(path: string, ...inputs: string[]): History {
  const history = new History(path)
  inputs.forEach((input, index) => { history.addInput(index + 1, input) })
  return history
}

test('tail gives the newest cells of all sessions, oldest first', () => {
  const path = folder()
  session(path, 'a', 'b')
  const now = session(path, 'c')
  expect(now.ask({ hist_access_type: 'tail', n: 2 })).toEqual([[1, 2, 'b'], [2, 1, 'c']])
  expect(now.ask({ hist_access_type: 'tail', n: 100 })).toHaveLength(3)
  expect(now.ask({ hist_access_type: 'tail', n: 0 })).toEqual([])
})

test('outputs come when asked for', () => {
  const path = folder()
  const first = session(path, '1 + 1', '"x"')
  first.addOutput(1, '2')
  expect(first.ask({ hist_access_type: 'tail', n: 2, output: true })).toEqual([[1, 1, ['1 + 1', '2']], [1, 2, ['"x"', null]]])
  expect(session(path).ask({ hist_access_type: 'tail', n: 2, output: true })).toEqual([[1, 1, ['1 + 1', '2']], [1, 2, ['"x"', null]]])
})

test('range: session 0 is this one, negative ones count back', () => {
  const path = folder()
  session(path, 'old1', 'old2', 'old3')
  const now = session(path, 'new1', 'new2')
  expect(now.ask({ hist_access_type: 'range', session: 0, start: 1, stop: 2 })).toEqual([[2, 1, 'new1']])
  expect(now.ask({ hist_access_type: 'range', session: -1, start: 2 })).toEqual([[1, 2, 'old2'], [1, 3, 'old3']])
  expect(now.ask({ hist_access_type: 'range', session: 1, start: 1, stop: 2 })).toEqual([[1, 1, 'old1']])
  expect(now.ask({ hist_access_type: 'range', session: -9, start: 1 })).toEqual([])
})

test('search takes a glob over the whole input; unique keeps the newest, n the last ones', () => {
  const history = session(folder(), 'x = 1', 'f(x)', 'x = 1', 'x = 2', '(a+b)*')
  expect(history.ask({ hist_access_type: 'search', pattern: 'x = ?' }).map(entry => entry[1])).toEqual([1, 3, 4])
  expect(history.ask({ hist_access_type: 'search', pattern: 'x*', unique: true })).toHaveLength(2)
  expect(history.ask({ hist_access_type: 'search', pattern: '*x*', n: 2 }).map(entry => entry[1])).toEqual([3, 4])
  expect(history.ask({ hist_access_type: 'search', pattern: '(a+b)*' })).toHaveLength(1)
})

test('two sessions at once take two files', () => {
  const path = folder()
  const histories = Array.from({ length: 5 }, (_, index) => session(path, `cell of ${index}`))
  expect(readdirSync(path)).toHaveLength(5)
  expect(histories[0]?.ask({ hist_access_type: 'tail', n: 10 })).toContainEqual([5, 1, 'cell of 4'])
})

test('a torn last line costs that line only', () => {
  const path = folder()
  session(path, 'kept')
  appendFileSync(join(path, readdirSync(path)[0] ?? ''), '{"line":2,"inp')
  expect(session(path).ask({ hist_access_type: 'tail', n: 10 })).toEqual([[1, 1, 'kept']])
})

test('a folder that cannot be written costs the disk copy, not this session\'s history', () => {
  const path = folder()
  const history = session(join(path, 'below', '\0bad'), 'a')
  expect(history.ask({ hist_access_type: 'tail', n: 5 })).toEqual([[1, 1, 'a']])
})
