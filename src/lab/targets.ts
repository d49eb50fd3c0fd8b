// Which ring kernel a user means: by id, by definition, or the handle itself.
import type { Target } from '../runtime/types.js'

/** The id of a target among those that run. @throws TypeError that names what was given and what runs. */
export function targetId(target: Target, known: readonly string[]): string {
  const id = typeof target === 'string' ? target : idOf(target)
  if (id === undefined) throw new TypeError(`A ring kernel is named by its id, its definition or its handle, not by ${describedKind(target)}.`)
  if (known.includes(id)) return id
  throw new TypeError(known.length === 0 ? `There is no ring kernel "${id}": none is running.` : `There is no ring kernel "${id}"; running: ${known.join(', ')}.`)
}

function describedKind(value: unknown): string { return value === null ? 'null' : typeof value === 'object' ? 'an object without an id' : `a ${typeof value}` }

function idOf(target: unknown): string | undefined {
  if (typeof target !== 'object' || target === null) return undefined
  const { id, name } = target as { id?: unknown; name?: unknown }
  return typeof id === 'string' ? id : typeof name === 'string' ? name : undefined
}
