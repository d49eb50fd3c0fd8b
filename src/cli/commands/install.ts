// `ringlab install` and `ringlab uninstall`: the kernelspec put where Jupyter finds it, and taken away again.
import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CommandError, UsageError } from '../command-error.js'
import { jupyterDataFolder, knownDataFolders, prefixDataFolder, thisPlace } from '../jupyter-paths.js'
import { defaultName, kernelspecFolder, removeKernelspec, writeKernelspec } from '../kernelspec.js'
import { pythonPrefix } from '../python.js'

interface Where { user?: true; sysPrefix?: true; prefix?: string; name: string }

/** Adds `install` to the command line. */
export function addInstall(program: Command): void {
  placed(program.command('install').description('install the Jupyter kernelspec, by default for this user')).action(async (where: Where) => {
    const folder = writeKernelspec(await dataFolder(where), where.name)
    console.log(`Installed the kernelspec '${where.name}' in ${folder}`)
    console.log('Jupyter shows it as "TypeScript (ringlab)"; `ringlab lab` opens JupyterLab with it.')
  })
}

/** Adds `uninstall` to the command line. */
export function addUninstall(program: Command): void {
  placed(program.command('uninstall').description('remove the Jupyter kernelspec that `install` wrote')).action(async (where: Where) => {
    const folder = await dataFolder(where)
    if (removeKernelspec(folder, where.name) === 'removed') console.log(`Removed the kernelspec '${where.name}' from ${join(folder, 'kernels')}`)
    else throw new CommandError(`there is no kernelspec '${where.name}' in ${join(folder, 'kernels')}${elsewhere(where.name)}`)
  })
}

function placed(command: Command): Command {
  return command
    .option('--user', 'in your own Jupyter data folder (the default)')
    .option('--sys-prefix', 'in the environment of the Python on PATH')
    .option('--prefix <dir>', 'in DIR/share/jupyter')
    .option('--name <name>', 'the name of the kernelspec', defaultName)
}

async function dataFolder(where: Where): Promise<string> {
  const given = [where.user === true ? '--user' : '', where.sysPrefix === true ? '--sys-prefix' : '', where.prefix === undefined ? '' : '--prefix'].filter((option) => option !== '')
  if (given.length > 1) throw new UsageError(`${given.join(' and ')} say different places; give one of them`)
  if (where.prefix !== undefined) return prefixDataFolder(resolve(where.prefix))
  return where.sysPrefix === true ? prefixDataFolder(await pythonPrefix()) : jupyterDataFolder(thisPlace())
}

/** Names the places that do have it, since a wrong place is the usual mistake. */
function elsewhere(name: string): string {
  const folders = knownDataFolders(thisPlace()).map((folder) => kernelspecFolder(folder, name)).filter((folder) => existsSync(folder))
  return folders.length === 0 ? '' : `; there is one in ${folders.join(' and ')}`
}
