// What tests ask of the test environment: the path of a part, or that it is missing. Nothing is installed from here.
import { existsSync, readFileSync } from 'node:fs'
import { environmentFile } from './paths.js'

/** @typedef {'python' | 'chromium' | 'node24' | 'node26' | 'gxx' | 'nvrtc' | 'nvjitlink'} PartName */

/**
 * Where a part lies, or undefined when it could not be had; use it as `describe.skipIf(part('chromium') === undefined)`.
 * Made by `npm test` or `node test/environment/prepare.js`.
 * @param {PartName} name
 * @returns {string | undefined}
 */
export function part(name) {
  if (!existsSync(environmentFile)) throw new Error('there is no test environment yet: run `node test/environment/prepare.js` once')
  const paths = /** @type {Record<string, string>} */ (JSON.parse(readFileSync(environmentFile, 'utf8')))
  return paths[name]
}
