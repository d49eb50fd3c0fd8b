// Hooks of Node's module loader: TypeScript files run with their types blanked, and `ringlab` is this ringlab. Runs in the loader's own thread.
import { existsSync, readFileSync } from 'node:fs'
import type { LoadHook, ResolveHook } from 'node:module'
import { fileURLToPath } from 'node:url'
import { stripModule } from '../../source/strip-module.js'

const ownIndex = new URL('../../index.js', import.meta.url).href

export const resolve: ResolveHook = async (specifier, context, next) => {
  if (specifier === 'ringlab') return { url: ownIndex, shortCircuit: true }
  const found = /^\.{1,2}\//.test(specifier) && context.parentURL !== undefined ? typescriptFile(new URL(specifier, context.parentURL)) : undefined
  return found === undefined ? next(specifier, context) : { url: found, format: 'module', shortCircuit: true }
}

export const load: LoadHook = async (url, context, next) => {
  if (!/^file:.*\.m?ts$/.test(url)) return next(url, context)
  const path = fileURLToPath(url)
  return { format: 'module', source: stripModule(readFileSync(path, 'utf8'), path), shortCircuit: true }
}

/** The .ts file that an import means: itself, with an ending, or the source of a .js that does not exist. */
function typescriptFile(url: URL): string | undefined {
  if (existsSync(url) && /\.\w+$/.test(url.pathname)) return /\.m?ts$/.test(url.pathname) ? url.href : undefined
  const candidates = [`${url.href}.ts`, url.href.replace(/\.(m?)js$/, '.$1ts')]
  return candidates.find((candidate) => /\.m?ts$/.test(candidate) && existsSync(new URL(candidate)))
}
