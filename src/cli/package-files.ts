// Where the files of this package lie, seen from the built command line. No other file of the command line computes such paths.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The full path of a file or folder of the package, e.g. `packageFile('kernel-spec/kernel.json')`. */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}

/** The version in package.json. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version
}
