// Looking for libraries by their files: nothing is loaded here, so a broken library cannot break the search.
import { execFileSync } from 'node:child_process'
import { readdirSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Longest that a program asked during the search may take; a cold Python on a slow disk needs seconds. */
const answerMsMax = 15_000

/** The names in a folder, none where it cannot be read. */
export function namesIn(folder: string): string[] {
  try { return readdirSync(folder) } catch { return [] }
}

/** The files of a folder that match, newest version first: libnvrtc.so.13 before libnvrtc.so.12, and a longer name last. */
export function filesIn(folder: string, name: RegExp): string[] {
  const sorted = namesIn(folder).filter((file) => name.test(file)).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  return sorted.map((file) => join(folder, file))
}

/** The folders of a variable such as LD_LIBRARY_PATH. */
export function foldersOf(list: string | undefined): string[] {
  return (list ?? '').split(delimiter).filter((folder) => folder !== '')
}

/** Where links lead; the path itself where nothing is. */
export function realPath(path: string): string {
  try { return realpathSync(path) } catch { return path }
}

/** What a program prints; undefined when it is missing, fails or takes too long. */
export function answerOf(program: string, words: readonly string[]): string | undefined {
  try { return execFileSync(program, [...words], { encoding: 'utf8', timeout: answerMsMax, stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true }) } catch { return undefined }
}

/** How ldconfig marks libraries of this processor; others of the same name may stand beside them. */
const linkerMark = process.arch === 'x64' ? 'x86-64' : process.arch === 'arm64' ? 'AArch64' : ''

/** The libraries of that name that the dynamic linker knows, by its cache. */
export function knownToLinker(name: RegExp): string[] {
  if (process.platform !== 'linux') return []
  const listed = answerOf('ldconfig', ['-p']) ?? answerOf('/sbin/ldconfig', ['-p']) ?? ''
  return listed.split('\n').flatMap((line) => {
    const [, file, path] = /^\s*(\S+) .*=> (\S+)\s*$/.exec(line) ?? []
    return file !== undefined && path !== undefined && name.test(file) && line.includes(linkerMark) ? [path] : []
  })
}
