// !command: output streams while the command runs, its value is its lines, and an interrupt ends it with everything it started.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { smallSession } from './small-session.js'

const folder = mkdtempSync(join(tmpdir(), 'ringlab-shell-'))
const session = smallSession({}, folder)
const shell = (command: string, use?: 'statement' | 'value'): Promise<readonly string[] | undefined> => session.magics.shell(command, use)

describe('!command', () => {
  test('streams stdout and stderr in the session folder, and gives nothing as a statement', async () => {
    expect(await shell('pwd; echo wrong >&2', 'statement')).toBeUndefined()
    expect(session.printed()).toBe(`${folder}\n<wrong\n>`)
  })

  test('shows what was written before it ended', async () => {
    const gate = join(folder, 'gate')
    const running = shell(`echo before; until [ -e '${gate}' ]; do sleep 0.02; done; echo after`, 'statement')
    let shown = ''
    await vi.waitUntil(() => { shown += session.printed(); return shown === 'before\n' }, { timeout: 5000 })
    await shell(`touch '${gate}'`, 'statement')
    await running
    expect(session.printed()).toBe('after\n')
  })

  test('gives its lines as a value, and prints none of them', async () => {
    expect(await shell("printf 'a\\nb\\n\\nc'", 'value')).toEqual(['a', 'b', '', 'c'])
    expect(await shell('true', 'value')).toEqual([])
    expect(session.printed()).toBe('')
  })

  test('keeps characters that arrive in two parts whole', async () => {
    expect(await shell("printf '\\303'; sleep 0.1; printf '\\251'", 'value')).toEqual(['é'])
  })

  test('says how it ended when not well, and lines carry the code', async () => {
    expect(await shell('exit 3', 'value')).toHaveProperty('exitCode', 3)
    expect(session.printed()).toBe('<!exit 3 ended with exit code 3.\n>')
    await shell('kill -9 $$', 'statement')
    expect(session.printed()).toBe('<!kill -9 $$ ended by SIGKILL.\n>')
  })

  test('ends with all it started when the cell is interrupted, even if it ignores the first signal', async () => {
    const pids = join(folder, 'pids')
    const running = shell(`trap '' INT; sleep 61 & echo $! $$ > '${pids}'; wait; sleep 62`, 'statement')
    const written = await vi.waitUntil(() => { try { return /^\d+ \d+\n$/.test(readFileSync(pids, 'utf8')) && readFileSync(pids, 'utf8') } catch { return false } }, { timeout: 5000 })
    const start = performance.now()
    session.interrupt()
    await expect(running).rejects.toThrow('interrupted')
    expect(performance.now() - start).toBeLessThan(3000)
    for (const pid of (written || '').trim().split(' ')) await vi.waitUntil(() => isOver(pid), { timeout: 2000 })
    rmSync(folder, { recursive: true })
  })
})

/** Gone, or a zombie that only waits to be counted. */
function isOver(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('Z') === true
  } catch {
    return true
  }
}
