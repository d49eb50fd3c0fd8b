// Makes the test environment, or finds that it is there: `node test/environment/prepare.js`. Run by `npm test` before any group.
import { mkdir, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { parts } from './parts.js'
import { environment, environmentFile } from './paths.js'

/**
 * Prepares every part, says what it does, and writes down where each is.
 * A part that cannot be had is named, with what to install; the tests that need it are then skipped, loudly.
 * @returns {Promise<{ missing: string[] }>}
 */
export async function prepareEnvironment() {
  await mkdir(environment, { recursive: true })
  // What lies inside is CommonJS where it does not say otherwise (JupyterLab's own yarn.js), whatever this package says of itself.
  await writeFile(`${environment}package.json`, '{ "private": true, "type": "commonjs" }\n')
  /** @type {Record<string, string>} */
  const found = {}
  /** @type {string[]} */
  const missing = []
  for (const part of parts) {
    const started = Date.now()
    try {
      found[part.name] = await part.get()
      console.log(`test environment: ${part.name.padEnd(8)} ${found[part.name] ?? ''} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
    } catch (error) {
      missing.push(part.name)
      console.error(`\n*** test environment: NO ${part.name}; the tests that need it are SKIPPED. Install ${part.install}.\n*** ${String(error)}\n`)
    }
  }
  await writeFile(environmentFile, JSON.stringify(found, null, 2))
  return { missing }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await prepareEnvironment()
