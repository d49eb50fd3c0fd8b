#!/usr/bin/env node
// `ringlab …`: reads the command line and hands it to one command. Exit codes: 0 done, 1 failed, 2 used wrongly. No command's work is done here.
import { Command, CommanderError } from 'commander'
import { CommandError, UsageError } from './command-error.js'
import { addBench } from './commands/bench.js'
import { addCompile } from './commands/compile.js'
import { addDoctor } from './commands/doctor.js'
import { addExplain } from './commands/explain.js'
import { addInstall, addUninstall } from './commands/install.js'
import { addKernel } from './commands/kernel.js'
import { addLab } from './commands/lab.js'
import { addRun } from './commands/run.js'
import { packageVersion } from './package-files.js'

/** Reads the words after `ringlab` and returns the exit code; what goes wrong is one sentence on stderr. */
async function runCommandLine(words: readonly string[]): Promise<number> {
  const program = commandLine()
  if (words.length === 0) {
    console.error(program.helpInformation())
    return 2
  }
  try {
    await program.parseAsync(words, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof UsageError || error instanceof CommandError) {
      console.error(`ringlab: ${error.message}`)
      return error.exitCode
    }
    console.error(error instanceof Error ? error.stack : error)
    return 1
  }
}

function commandLine(): Command {
  const program = new Command('ringlab')
    .description('Ring kernels in TypeScript notebooks: actors that stay resident on a device and answer typed messages.')
    .version(packageVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .configureOutput({ outputError: (text, write) => { write(oneSentence(text)) } })
    .exitOverride()
  addInstall(program)
  addUninstall(program)
  addKernel(program)
  addRun(program)
  addLab(program)
  addBench(program)
  addDoctor(program)
  addCompile(program)
  addExplain(program)
  return program
}

/** commander says `error: unknown command 'instal'\n(Did you mean install?)`; ringlab says it in one line, under its own name. */
function oneSentence(text: string): string {
  const said = text.trim().replace(/^error: /, '')
    .replace(/\s*\n\s*\(Did you mean (.*)\?\)$/s, '; did you mean $1?')
    .replace(/^option '(.*?)' argument missing$/, "option '$1' is given without its value")
    .replace(/^(unknown (?:command|option) '[^']*')$/, '$1; `ringlab --help` lists what there is')
  return `ringlab: ${said}\n`
}

process.exitCode = await runCommandLine(process.argv.slice(2))
