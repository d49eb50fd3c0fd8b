// Which texts of the package's cuda/ folder give the numeric functions that an emitted program calls: numbers.cuh, and of math/ only what is needed,
// since NVRTC's time goes by the text. The files themselves say what they define and, in their first line, what they need.
import { readFileSync, readdirSync } from 'node:fs'

interface PreludeFile { readonly text: string; /** Other files, by name, whose functions this one calls. */ readonly needs: readonly string[] }

const folder = new URL('../../../cuda/', import.meta.url)

let files: ReadonlyMap<string, PreludeFile> | undefined
/** From a function to the file that defines it. */
const homes = new Map<string, string>()
/** From a function that is out of line to its declaration. */
const declarations = new Map<string, string>()
const answers = new Map<string, string>()

/**
 * The texts that define these `rl_*` functions, each once, a file after those it needs. `declared`: of math/, functions that are out of line are declared only,
 * for a program that is linked to them.
 * Throws for a name that neither numbers.cuh nor math/ defines.
 * @example preludeFor(['rl_sin']) // numbers.cuh, math/rem_pio2.cuh and math/sin_cos.cuh
 */
export function preludeFor(names: Iterable<string>, how: 'defined' | 'declared' = 'defined'): string {
  const wanted = new Set<string>()
  const declared = new Set<string>()
  for (const name of names) {
    files ??= readFiles()
    const home = homes.get(name)
    const declaration = declarations.get(name)
    if (how === 'declared' && home !== undefined && home !== 'numbers' && declaration !== undefined) { declared.add(`${declaration};`); continue }
    if (home === undefined) throw new Error(`no file of ${folder.pathname} defines ${name}, which emitted code calls; the numeric prelude is numbers.cuh and math/*.cuh`)
    wanted.add(home)
  }
  const key = [...wanted, ...declared].sort().join()
  const known = answers.get(key)
  if (known !== undefined) return known
  const texts = new Map<string, string>()
  for (const file of [...wanted].sort()) addWithNeeds(file, texts, [])
  const answer = [...texts.values(), ...[...declared].sort()].join('\n')
  answers.set(key, answer)
  return answer
}

/** Every function that `preludeFor` knows. */
export function preludeNames(): string[] {
  files ??= readFiles()
  return [...homes.keys()]
}

function addWithNeeds(name: string, texts: Map<string, string>, above: readonly string[]): void {
  if (texts.has(name)) return
  if (above.includes(name)) throw new Error(`files of ${folder.pathname}math need each other in a circle: ${[...above, name].join(' → ')}`)
  const file = files?.get(name)
  if (file === undefined) throw new Error(`${above.at(-1) ?? ''}.cuh needs ${name}.cuh, which is not in ${folder.pathname}`)
  for (const need of file.needs) addWithNeeds(need, texts, [...above, name])
  texts.set(name, file.text)
}

function readFiles(): ReadonlyMap<string, PreludeFile> {
  const found = new Map<string, PreludeFile>()
  const add = (name: string, url: URL): void => {
    const text = readFileSync(url, 'utf8')
    const needs = /^\/\/ needs: (.*)\n/.exec(text)?.[1]?.split(',').map((word) => word.trim()).filter((word) => word !== '') ?? []
    found.set(name, { text, needs })
    for (const [, kind, head, defined] of text.matchAll(/^RL_(FN|SLOW) (\w+ (rl_\w+)\([^)]*\))/gm)) {
      if (head === undefined || defined === undefined) continue
      homes.set(defined, name)
      if (kind === 'SLOW') declarations.set(defined, `RL_DECLARED ${head}`)
    }
  }
  add('numbers', new URL('numbers.cuh', folder))
  for (const entry of readdirSync(new URL('math/', folder))) if (entry.endsWith('.cuh')) add(entry.slice(0, -'.cuh'.length), new URL(`math/${entry}`, folder))
  return found
}
