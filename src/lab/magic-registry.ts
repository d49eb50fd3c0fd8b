// Magics that users and libraries add with `lab.magic`. A session reads them; the lab only keeps them.

/** A magic: `line` is what follows its name, `cell` the rest of the cell for `%%name`. What it returns is its value; a promise is awaited. */
export type Magic = (line: string, cell?: string) => unknown

const magics = new Map<string, Magic>()

/**
 * Adds the magic `%name`; the same name again replaces it.
 *
 * @throws TypeError when the name is not a word.
 * @example
 * lab.magic('hello', (line) => `Hello, ${line}!`)
 */
export function magic(name: string, run: Magic): void {
  if (!/^[A-Za-z_][\w-]*$/.test(name)) throw new TypeError(`A magic's name is a word of letters, digits, "_" and "-", so "${name}" cannot be one.`)
  if (typeof run !== 'function') throw new TypeError(`lab.magic("${name}", run) needs a function as its second argument.`)
  magics.set(name, run)
}

/** The magics added so far, by name. */
export function addedMagics(): ReadonlyMap<string, Magic> { return magics }
