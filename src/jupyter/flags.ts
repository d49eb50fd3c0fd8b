// The flags Node needs to run a session that can be interrupted. No imports: the kernelspec's writer and the command line read it too.

/**
 * Flags for every Node that runs user code.
 * `--no-force-async-hooks-checks`: a callback that the interrupt terminates leaves Node's async-hooks stack unbalanced, and the check would
 * abort the process (measured on Node 20, 24 and 26: without the flag, terminating a timer's callback kills it).
 */
export function nodeFlags(): string[] {
  return ['--no-force-async-hooks-checks']
}
