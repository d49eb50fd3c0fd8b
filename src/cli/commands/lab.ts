// `ringlab lab [NOTEBOOK]`: JupyterLab with the ringlab kernel in it, whatever was there before. Ctrl-C ends it and leaves nothing running.
import type { Command } from 'commander'
import { copyFileSync, existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { CommandError, UsageError } from '../command-error.js'
import { jupyterDataFolder, thisPlace } from '../jupyter-paths.js'
import { defaultName, kernelspecFolder, staleReason, writeKernelspec } from '../kernelspec.js'
import { serveUntilEnd } from '../lab/server.js'
import { packageFile } from '../package-files.js'
import { ensurePrivateJupyterLab } from '../private-python.js'
import { findJupyterLab, isAtLeast } from '../python.js'

interface LabOptions { browser: boolean; port?: string }
/** The JupyterLab to start, and where it looks for kernelspecs, first place first. */
interface Found { readonly program: string; readonly dataFolders: readonly string[] }

/** Adds `lab` to the command line. */
export function addLab(program: Command): void {
  program.command('lab').description('open a notebook in JupyterLab, installing what is missing').argument('[notebook]', 'a notebook or a folder; the first notebook of ringlab when left out')
    .option('--no-browser', 'start the server only, and print its address')
    .option('--port <number>', 'the port of the server')
    .action(async (notebook: string | undefined, options: LabOptions) => {
      const port = portOf(options.port)
      const target = notebook === undefined ? undefined : existing(notebook)
      const lab = await jupyterLab()
      installKernelspec(lab.dataFolders)
      process.exitCode = await serveUntilEnd(lab.program, [
        // Ctrl-C is the wish to end: no question whether it is meant.
        '-y',
        ...(options.browser ? [] : ['--no-browser']), ...(port === undefined ? [] : [`--port=${port}`]),
        // JupyterLab refuses root without it; in containers root is the only user.
        ...(process.getuid?.() === 0 ? ['--allow-root'] : []),
        ...opening(target ?? firstNotebook()),
      ])
    })
}

/** The address that JupyterLab prints and opens leads to the notebook itself. */
function opening(target: string): string[] {
  if (statSync(target).isDirectory()) return [`--ServerApp.root_dir=${target}`]
  return [`--ServerApp.root_dir=${dirname(target)}`, `--LabApp.default_url=/lab/tree/${encodeURIComponent(basename(target))}`]
}

async function jupyterLab(): Promise<Found> {
  const found = await findJupyterLab()
  if (found !== undefined && isAtLeast(found.version, '4')) return { program: found.path, dataFolders: found.dataFolders }
  if (found !== undefined) console.log(`${found.path} is JupyterLab ${found.version}, and ringlab's figures need 4 or later.`)
  const own = await ensurePrivateJupyterLab(thisPlace(), (line) => { console.log(`  ${line}`) })
  return { program: own.program, dataFolders: [own.dataFolder] }
}

/** Leaves a kernelspec that is right alone; else writes it where this JupyterLab looks first. */
function installKernelspec(dataFolders: readonly string[]): void {
  const folders = dataFolders.length > 0 ? dataFolders : [jupyterDataFolder(thisPlace())]
  const winner = folders.map((folder) => join(kernelspecFolder(folder, defaultName), 'kernel.json')).find((file) => existsSync(file))
  if (winner !== undefined && staleReason(winner) === undefined) return
  const reasons: string[] = []
  for (const folder of folders) {
    try {
      console.log(`Installed the kernelspec in ${writeKernelspec(folder, defaultName)}`)
      return
    } catch (error) { reasons.push(error instanceof Error ? error.message : String(error)) }
  }
  throw new CommandError(reasons[0] ?? 'this JupyterLab names no folder for kernelspecs; run `ringlab install --prefix DIR` with one of its own')
}

function existing(path: string): string {
  const full = resolve(path)
  if (!existsSync(full)) throw new UsageError(`there is no notebook ${full}`)
  if (statSync(full).isFile() && !full.endsWith('.ipynb')) throw new UsageError(`${full} is no notebook (.ipynb) and no folder; \`ringlab run\` runs .ts files`)
  return full
}

/** The notebook of a clone is opened in place; that of an installed package is copied to the current folder first, since packages are not to be written in. */
function firstNotebook(): string {
  const own = packageFile('notebooks/01-first-ring-kernel.ipynb')
  if (!own.includes(`${sep}node_modules${sep}`)) return own
  const copy = resolve(basename(own))
  if (!existsSync(copy)) copyFileSync(own, copy)
  return copy
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new UsageError(`--port takes a number from 1 to 65535, and '${text}' is none`)
  return port
}
