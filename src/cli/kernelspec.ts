// The kernelspec: kernel.json filled in for this Node and this package, beside the logos, in a folder where Jupyter looks.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeFlags } from '../jupyter/flags.js'
import { CommandError, UsageError } from './command-error.js'
import { packageFile } from './package-files.js'

/** The name under which the kernelspec is installed unless `--name` says otherwise. */
export const defaultName = 'ringlab'

/** kernel.json as Jupyter reads it. */
export interface KernelJson { argv: string[]; display_name: string; language: string; interrupt_mode: string; env: Record<string, string>; metadata: Record<string, unknown> }

/** The command that starts the Jupyter kernel: this Node by its full path (a desktop Jupyter has no shell's PATH), its flags, the built kernel. */
export function kernelCommand(connectionFile: string): string[] {
  return [process.execPath, ...nodeFlags(), packageFile('dist/jupyter/main.js'), connectionFile]
}

/** kernel.json from its template, filled in. */
export function kernelJson(): KernelJson {
  const template = JSON.parse(readFileSync(packageFile('kernel-spec/kernel.json'), 'utf8')) as KernelJson
  return { ...template, argv: kernelCommand('{connection_file}') }
}

/**
 * Writes the kernelspec `name` under a Jupyter data folder and returns its folder; one that is there already is replaced.
 * Throws CommandError when the folder cannot be written.
 */
export function writeKernelspec(dataFolder: string, name: string): string {
  const folder = kernelspecFolder(dataFolder, name)
  const source = packageFile('kernel-spec')
  try {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'kernel.json'), `${JSON.stringify(kernelJson(), null, 1)}\n`)
    for (const file of readdirSync(source).filter((file) => file.startsWith('logo-'))) copyFileSync(join(source, file), join(folder, file))
  } catch (error) {
    throw new CommandError(`cannot write the kernelspec into ${folder} (${reason(error)}); choose another place with --user, --sys-prefix or --prefix`)
  }
  return folder
}

/** Removes the kernelspec `name` from a Jupyter data folder; false when it was not there. Refuses one that is not ringlab's. */
export function removeKernelspec(dataFolder: string, name: string): 'removed' | 'absent' {
  const folder = kernelspecFolder(dataFolder, name)
  const file = join(folder, 'kernel.json')
  if (!existsSync(file)) return 'absent'
  if (!isOurs(file)) throw new CommandError(`the kernelspec in ${folder} was not made by ringlab, so it stays; remove it with \`jupyter kernelspec remove ${name}\``)
  try { rmSync(folder, { recursive: true }) } catch (error) { throw new CommandError(`cannot remove ${folder} (${reason(error)})`) }
  return 'removed'
}

/** The kernelspec's folder, whether or not it is there. Throws UsageError for a name that Jupyter would not accept. */
export function kernelspecFolder(dataFolder: string, name: string): string {
  // jupyter_client.kernelspec: letters, digits, '-', '.' and '_' only.
  if (!/^[a-z0-9._-]+$/i.test(name)) throw new UsageError(`a kernelspec's name may hold letters, digits, '-', '.' and '_' only, and '${name}' holds something else`)
  return join(dataFolder, 'kernels', name)
}

/** What is wrong with an installed kernel.json, or undefined when it starts this package with this Node. */
export function staleReason(file: string): string | undefined {
  const installed = readKernelJson(file)
  if (installed === undefined) return 'its kernel.json cannot be read'
  const wanted = kernelJson()
  if (installed.argv[0] !== wanted.argv[0]) return `it starts ${installed.argv[0] ?? 'nothing'}, and this is ${process.execPath}`
  return JSON.stringify(installed.argv) === JSON.stringify(wanted.argv) ? undefined : 'it starts another copy of ringlab'
}

function isOurs(file: string): boolean {
  const installed = readKernelJson(file)
  return installed?.argv.some((word) => /[\\/]dist[\\/]jupyter[\\/]main\.js$/.test(word)) ?? false
}

function readKernelJson(file: string): KernelJson | undefined {
  try {
    const json = JSON.parse(readFileSync(file, 'utf8')) as KernelJson
    return Array.isArray(json.argv) ? json : undefined
  } catch { return undefined }
}

function reason(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
