// The one error family of schemas and the values that do not fit them.

/** A value that does not fit its schema, or a schema that cannot be. `schema` names it, `path` the field (`''` for the whole). */
export class MessageError extends Error {
  declare readonly name: 'MessageError'
  declare readonly schema: string
  declare readonly path: string

  constructor(message: string, where: { schema: string; path?: string }) {
    super(message)
    // The sentence says them already: printing an error does not list them again.
    Object.defineProperties(this, { name: { value: 'MessageError' }, schema: { value: where.schema }, path: { value: where.path ?? '' } })
  }
}

/** A value in a few words, for an error. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `"${value.length > 40 ? `${value.slice(0, 39)}…` : value}"`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (ArrayBuffer.isView(value)) return `${article(value.constructor.name)} ${value.constructor.name}${'length' in value ? ` of ${value.length as number}` : ''}`
  if (typeof value !== 'object' || value === null) return String(value)
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor?.name
  return name && name !== 'Object' ? `an object of class ${name}` : 'an object'
}

/** `a Float32Array`, `an Int32Array`. */
export function article(name: string): 'a' | 'an' {
  return /^[AEIO]/.test(name) ? 'an' : 'a'
}
