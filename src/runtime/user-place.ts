// Where in the user's own text something happened, read from a stack. Bodies and cells are run under the names of their files and cells.
import { fileURLToPath } from 'node:url'

/** The folder of ringlab's own built code, whose frames are not the user's. */
const ownFolder = fileURLToPath(new URL('../', import.meta.url))

/** `file:line:column` or `cell [n]:line:column` of the innermost frame that is neither Node's nor ringlab's. */
export function userPlaceOf(error: Error): string | undefined {
  for (const line of (error.stack ?? '').split('\n')) {
    const frame = /^\s+at (?:.*? \()?(.+):(\d+):(\d+)\)?$/.exec(line)
    if (frame === null) continue
    const [, where = '', row = '', column = ''] = frame
    if (where.startsWith('node:') || where.includes(ownFolder)) continue
    return `${where.startsWith('file:') ? fileURLToPath(where) : where}:${row}:${column}`
  }
  return undefined
}
