// `ringlab compile` prints what a file's ring kernels become, or all that is wrong with them; `ringlab explain` says what a code means.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ringlab, temporaryFolder } from './ringlab.js'

const file = `import { ringKernel, struct, f32, u32, type RingKernel } from 'ringlab'
import { scale } from './scale.js'
const Value = struct('Value', { v: f32 })
console.log('this file ran')
export const good = ringKernel('good', { input: Value, output: Value }, { onMessage(m, ctx): void { ctx.send({ v: m.v * scale }) } })
export const bad = ringKernel('bad', { input: Value, output: Value }, async (ctx) => {
  const m = await ctx.receive()
  const text: string = \`\${m.v}\`
  let last = 0
  ctx.each(4, (i) => { last = i })
  await ctx.send({ v: last })
})
setInterval(() => undefined, 1000)
export type Kept = RingKernel | undefined
`

function folderWithFile(): ReturnType<typeof temporaryFolder> {
  const folder = temporaryFolder()
  writeFileSync(join(folder.path, 'kernels.ts'), file)
  writeFileSync(join(folder.path, 'scale.ts'), 'export const scale: number = 2.5\n')
  return folder
}

test('prints the emitted text alone on stdout, whatever the file prints', async () => {
  using folder = folderWithFile()
  const { code, stdout, stderr } = await ringlab(['compile', 'kernels.ts', '--actor', 'good', '--emit', 'js'], { cwd: folder.path })
  expect(stderr).toBe('this file ran\n')
  expect(stdout).toContain('2.5')
  expect(stdout).not.toContain('this file ran')
  expect(code).toBe(0)
})

test('says what is wrong where it stands in the file, and ends with 1', async () => {
  using folder = folderWithFile()
  const { code, stdout, stderr } = await ringlab(['compile', 'kernels.ts', '--actor', 'bad', '--emit', 'js'], { cwd: folder.path })
  expect(stderr).toMatch(/^kernels\.ts:8:24 - error RL\d{4}: .+$/m)
  expect(stdout).toBe('')
  expect(code).toBe(1)
})

test.each([
  [['--actor', 'goof'], "kernels.ts defines no ring kernel 'goof'; did you mean good?"],
  [['--emit', 'wasm'], "--emit takes cuda, js, ptx or cubin, and 'wasm' is none of them"],
  [['--arch', 'hopper'], "--arch takes an architecture such as sm_90, and 'hopper' is none"],
])('refuses %j in one sentence', async (words, sentence) => {
  using folder = folderWithFile()
  const { code, stderr } = await ringlab(['compile', 'kernels.ts', ...words], { cwd: folder.path })
  expect(stderr).toContain(`ringlab: ${sentence}`)
  expect(code).toBe(2)
})

test('explains a code, and names the nearest of one that does not exist', async () => {
  const known = await ringlab(['explain', 'rl1501'])
  expect(known.stdout).toMatch(/^RL1501 · error: A handler sends without a bound\n/)
  expect(known.code).toBe(0)
  const unknown = await ringlab(['explain', 'RL1599'])
  expect(unknown.stderr).toMatch(/^ringlab: there is no diagnostic 'RL1599'; the nearest is RL1\d+ \(.+\)\n$/)
  expect(unknown.code).toBe(2)
})
