// Compiled kernels, kept in memory and in the user's cache folder, so that a ring kernel is compiled once a machine. A file is named by a hash of
// everything that its content depends on, and begins with a hash of its content: one that was cut short or damaged is compiled again.
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
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

  async find(key: string): Promise<Uint8Array | undefined> {
    const inMemory = this.#memory.get(key)
    if (inMemory !== undefined) return inMemory
    const image = await this.#read(key)
    if (image !== undefined) this.#remember(key, image)
    return image
  }

  /** Keeps it; a folder that cannot be written only costs the next compilation. */
  async keep(key: string, image: Uint8Array): Promise<void> {
    this.#remember(key, image)
    const file = this.#file(key)
    const partial = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      await writeFile(partial, Buffer.concat([digest(image), image]))
      // Whole or not at all: another process may read at any moment.
      await rename(partial, file)
      await this.#shrink()
    } catch { await rm(partial, { force: true }).catch(() => undefined) }
  }

  async #read(key: string): Promise<Uint8Array | undefined> {
    const file = this.#file(key)
    try {
      const content = await readFile(file)
      const image = content.subarray(DIGEST_BYTES)
      if (!digest(image).equals(content.subarray(0, DIGEST_BYTES))) { await rm(file, { force: true }); return undefined }
      const now = new Date()
      await utimes(file, now, now)
      return image
    } catch { return undefined }
  }

  #file(key: string): string { return join(this.#folder, `${key}.kernel`) }

  #remember(key: string, image: Uint8Array): void {
    this.#memory.set(key, image)
    const oldest = this.#memory.keys().next().value
    if (this.#memory.size > MEMORY_COUNT_MAX && oldest !== undefined) this.#memory.delete(oldest)
  }

  /** Removes what was not used for longest, until the folder is small enough. */
  async #shrink(): Promise<void> {
    const names = await readdir(this.#folder)
    const files = await Promise.all(names.map(async (name) => {
      const path = join(this.#folder, name)
      const { size, mtimeMs } = await stat(path)
      return { path, size, mtimeMs }
    }))
    let bytes = files.reduce((sum, { size }) => sum + size, 0)
    for (const { path, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (bytes <= FOLDER_BYTES_MAX) return
      await rm(path, { force: true })
      bytes -= size
    }
  }
}

function digest(image: Uint8Array): Buffer { return createHash('sha256').update(image).digest() }
