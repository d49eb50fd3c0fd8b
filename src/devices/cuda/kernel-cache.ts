// Compiled kernels, kept in memory and in the user's cache folder, so that a ring kernel is compiled once a machine. A file is named by a hash of
// everything that its content depends on, and begins with a hash of its content: one that was cut short or damaged is compiled again.
// Synchronous, because the thread of a GPU sleeps between its looks, and would sleep over an answer of the file system.
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** What the folder may hold, bytes: some thousands of kernels. */
const FOLDER_BYTES_MAX = 256 << 20
/** Kernels kept in memory. */
const MEMORY_COUNT_MAX = 256
const DIGEST_BYTES = 32

/** `$XDG_CACHE_HOME/ringlab/kernels`, or the same in the home folder's own cache. */
function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.cache'), 'ringlab', 'kernels')
}

/** The name of what these parts determine. */
export function kernelKey(parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest('hex')
}

export class KernelCache {
  readonly #memory = new Map<string, Uint8Array>()
  readonly #folder = cacheFolder()

  find(key: string): Uint8Array | undefined {
    const inMemory = this.#memory.get(key)
    if (inMemory !== undefined) return inMemory
    const image = this.#read(key)
    if (image !== undefined) this.#remember(key, image)
    return image
  }

  /** Keeps it; a folder that cannot be written only costs the next compilation. */
  keep(key: string, image: Uint8Array): void {
    this.#remember(key, image)
    const file = this.#file(key)
    const partial = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      writeFileSync(partial, Buffer.concat([digest(image), image]))
      // Whole or not at all: another process may read at any moment.
      renameSync(partial, file)
      this.#shrink()
    } catch { this.#remove(partial) }
  }

  #read(key: string): Uint8Array | undefined {
    const file = this.#file(key)
    try {
      const content = readFileSync(file)
      const image = content.subarray(DIGEST_BYTES)
      if (!digest(image).equals(content.subarray(0, DIGEST_BYTES))) { this.#remove(file); return undefined }
      const now = new Date()
      utimesSync(file, now, now)
      return image
    } catch { return undefined }
  }

  #file(key: string): string { return join(this.#folder, `${key}.kernel`) }

  #remember(key: string, image: Uint8Array): void {
    this.#memory.set(key, image)
    const oldest = this.#memory.keys().next().value
    if (this.#memory.size > MEMORY_COUNT_MAX && oldest !== undefined) this.#memory.delete(oldest)
  }

  #remove(file: string): void {
    try { rmSync(file, { force: true }) } catch { /* It stays: a folder of which nothing can be removed is the user's own affair. */ }
  }

  /** Removes what was not used for longest, until the folder is small enough. */
  #shrink(): void {
    const files = readdirSync(this.#folder).map((name) => {
      const path = join(this.#folder, name)
      const { size, mtimeMs } = statSync(path)
      return { path, size, mtimeMs }
    })
    let bytes = files.reduce((sum, { size }) => sum + size, 0)
    for (const { path, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (bytes <= FOLDER_BYTES_MAX) return
      rmSync(path, { force: true })
      bytes -= size
    }
  }
}

function digest(image: Uint8Array): Buffer { return createHash('sha256').update(image).digest() }
