// How this room calls C: koffi, loaded on first use (about 15 ms), and the C environment, which process.env of a worker thread does not reach.
import { createRequire } from 'node:module'

type Koffi = typeof import('koffi')
export type Library = ReturnType<Koffi['load']>
/** What goes into a C function: integers and addresses as numbers and bigints, memory as typed arrays, texts, lists of texts, and NULL. */
export type Values = readonly (number | bigint | string | null | ArrayBufferView | readonly string[])[]
/** A C function that answers with a status. */
export type Call = (...values: Values) => number

let loaded: Koffi | undefined

export function koffi(): Koffi {
  loaded ??= createRequire(import.meta.url)('koffi') as Koffi
  return loaded
}

/** koffi unloads a library once its object is garbage, whoever else found it loaded: NVRTC its built-ins, and code that runs in the driver. */
const kept: Library[] = []

/** Loads a library by its file or by the name the system knows it under, for as long as the thread lives; throws an Error with the loader's reason. */
export function loadLibrary(path: string, options: { readonly global?: boolean } = {}): Library {
  const library = koffi().load(path, { lazy: true, global: options.global === true })
  kept.push(library)
  return library
}

/** The library's function of a C declaration such as 'int cuInit(uint32_t flags)'. */
export function bind(library: Library, declaration: string): Call {
  return library.func(declaration) as Call
}

/** Whether the library has a symbol of that name. */
export function has(library: Library, symbol: string): boolean {
  try { return library.symbol(symbol) !== null } catch { return false }
}

/** Sets a variable where `getenv` of native code finds it. */
export function setNativeEnvironment(name: string, value: string): void {
  const done = process.platform === 'win32'
    ? bind(loadLibrary('ucrtbase.dll'), 'int _putenv_s(const char *name, const char *value)')(name, value)
    : bind(koffi().load(null), 'int setenv(const char *name, const char *value, int overwrite)')(name, value, 1)
  if (done !== 0) throw new Error(`the C library refuses to set the variable ${name}`)
}

/** The text in a buffer that C filled, up to its first NUL. */
export function textIn(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return Buffer.from(bytes.subarray(0, end === -1 ? bytes.length : end)).toString('utf8')
}
