// A file that is there as a whole or not at all, whatever happens while it is written: it is written under another name beside the old one, forced to the disk,
// and renamed over it; then the folder is forced to the disk too, so that the new name outlives a loss of power (fsync(2), "Calling fsync() does not
// necessarily ensure that the entry in the directory containing the file has also reached disk").
import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Puts `bytes` at `path`, in place of what was there. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path)
  const fresh = join(folder, `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.part`)
  try {
    const file = await open(fresh, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally { await file.close() }
    await rename(fresh, path)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
  await syncFolder(folder)
}

/** Where folders can be opened: not on Windows, whose renames are journalled. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const opened = await open(folder, 'r')
  try { await opened.sync() } finally { await opened.close() }
}
