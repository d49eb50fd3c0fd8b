// Every command and program in the README runs as written.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { root } from '../environment/paths.js'
import { mainFile, ringlab, temporaryFolder } from './ringlab.js'

const readme = readFileSync(join(root, 'README.md'), 'utf8')

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map((match) => match[1] ?? '')
}

/** They install, open a browser, or run these very tests: proved by CI and by the tests of the page. */
const leftOut = ['npm install && npx ringlab lab', 'npm install && npm test']

describe('the README', () => {
  const commands = blocks('sh').flatMap((block) => block.split('\n')).filter((line) => line !== '')

  test('has the two commands of a newcomer', () => {
    expect(commands).toEqual(expect.arrayContaining(leftOut))
  })

  test.each(commands.filter((command) => !leftOut.includes(command)))('%s', async (command) => {
    // Rejects unless it ends with 0. Outputs go nowhere in the clone: no command of the README writes there.
    const { stdout } = await promisify(execFile)('bash', ['-c', command], { cwd: root, timeout: 90_000 })
    expect(stdout).not.toBe('')
  })

  test('its program gives what the text says', async () => {
    const [program = ''] = blocks('ts')
    using folder = temporaryFolder()
    const script = join(folder.path, 'program.ts')
    writeFileSync(script, program)
    expect(await ringlab(['run', script])).toMatchObject({ code: 0, stdout: '{ id: 1, sum: 15 }\n', stderr: '' })
  })

  test('its second program, of buffers, connections and kernels, gives what its comments say', async () => {
    const [, program = ''] = blocks('ts')
    using folder = temporaryFolder()
    const script = join(folder.path, 'program.ts')
    writeFileSync(script, program)
    expect(await ringlab(['run', script])).toMatchObject({ code: 0, stdout: '{ id: 1, score: 8 }\nFloat32Array(2) [ 2, 0.5 ]\n', stderr: '' })
  })

  test('names every command that there is, and shows a picture that is there', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [mainFile, '--help'])
    for (const [, command] of stdout.matchAll(/^ {2}([a-z]+) /gm)) expect(readme).toContain(`\`ringlab ${command ?? ''}`)
    for (const [, file] of readme.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)) expect(existsSync(join(root, file ?? '')), file).toBe(true)
  })
})
