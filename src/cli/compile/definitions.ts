// The ring kernels that a TypeScript file defines: the file is run, and what it defined is in the register. What it prints goes to stderr.
import { register } from 'node:module'
import { existsSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { didYouMean } from '../../session/magics/nearest.js'
import { definitionNamed, definitionNames, type Definition } from '../../runtime/definition.js'
import { CommandError, UsageError } from '../command-error.js'

/** Loads a file and returns what it defines, or the one that is asked for. */
export async function definitionsOf(file: string, actor: string | undefined): Promise<readonly Definition[]> {
  const path = resolve(file)
  if (!existsSync(path)) throw new UsageError(`there is no file ${path}`)
  if (!['.ts', '.mts'].includes(extname(path))) throw new UsageError(`'${file}' is no TypeScript file (.ts)`)
  register(new URL('./module-hooks.js', import.meta.url))
  // Standard output is the emitted text alone.
  const { log, info } = console
  Object.assign(console, { log: console.error.bind(console), info: console.error.bind(console) })
  try { await import(pathToFileURL(path).href) } catch (error) {
    throw new CommandError(`${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`)
  } finally { Object.assign(console, { log, info }) }
  const names = definitionNames()
  if (names.length === 0) throw new CommandError(`${file} defines no ring kernel; define one with ringKernel(name, options, body)`)
  if (actor !== undefined && !names.includes(actor)) throw new UsageError(`${file} defines no ring kernel '${actor}'${didYouMean(actor, names) || `; it defines ${names.join(', ')}`}`)
  return (actor === undefined ? names : [actor]).map((name) => definitionNamed(name)).filter((definition) => definition !== undefined)
}
