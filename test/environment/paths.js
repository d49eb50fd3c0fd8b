// Where the test environment lies. Plain JavaScript: the scripts of this folder run before anything is built.
import { fileURLToPath } from 'node:url'

/** The top of the package, with a trailing separator. */
export const root = fileURLToPath(new URL('../../', import.meta.url))
/** Everything the tests install for themselves: never committed, reused while its stamps match. */
export const environment = `${root}test/.environment/`
/** What tests leave for a person to look at: screenshots, notebooks, pages. */
export const output = `${root}test/output/`
/** What the last preparation found: a path for each part. */
export const environmentFile = `${environment}environment.json`
