// The two ways a command ends badly on purpose: used wrongly, or failed. One sentence each, for the user; nothing else lives here.

/** The command was used wrongly: printed as one sentence, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly exitCode = 2
}

/** The command could not do its work: printed as one sentence, exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode = 1
}
