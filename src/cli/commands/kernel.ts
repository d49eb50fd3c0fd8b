// `ringlab kernel FILE`: starts the Jupyter kernel for a connection file, as the kernelspec does. For hosts that start kernels by a command of their own.
import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from '../command-error.js'
import { kernelCommand } from '../kernelspec.js'
import { runChild } from '../child.js'

/** Adds `kernel` to the command line. */
export function addKernel(program: Command): void {
  program.command('kernel').argument('<file>', "Jupyter's connection file").description('start the Jupyter kernel for a connection file').action(async (file: string) => {
    const path = resolve(file)
    if (!existsSync(path)) throw new UsageError(`there is no connection file ${path}; Jupyter writes one and gives its path`)
    const [node = process.execPath, ...words] = kernelCommand(path)
    process.exitCode = await runChild(node, words)
  })
}
