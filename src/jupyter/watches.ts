// What the wire worker keeps an eye on: main's heap, and the process that started us. Says what happened; others act.

/** Share of the heap limit from which the user is warned, and below which the warning may come again. */
const warnShare = 0.85, calmShare = 0.7
const heapIntervalMs = 250
const parentIntervalMs = 1_000

export interface HeapWatch { setRunning(running: boolean): void; stop(): void }

/** Asks for main's heap while a cell runs, and warns once each time it gets nearly full. */
export function watchHeap(limitBytes: number, ask: (answer: (bytes: number) => void) => void, warn: (text: string) => void): HeapWatch {
  let warned = false
  let timer: NodeJS.Timeout | undefined
  const look = (): void => {
    ask(bytes => {
      const share = bytes / limitBytes
      if (share < calmShare) warned = false
      if (share < warnShare || warned) return
      warned = true
      warn(`ringlab: the JavaScript heap of this notebook is ${Math.round(share * 100)} % full (${megabytes(bytes)} of ${megabytes(limitBytes)} MB); at 100 % the Jupyter kernel dies. `
        + 'Drop large values, or restart with NODE_OPTIONS=--max-old-space-size=<megabytes>.\n')
    })
  }
  return {
    setRunning(running) {
      clearInterval(timer)
      timer = running ? setInterval(look, heapIntervalMs) : undefined
    },
    stop() { clearInterval(timer) },
  }
}

/** Calls `left` when the process that started us is gone, if Jupyter asked for that by JPY_PARENT_PID. */
export function watchParent(left: () => void): { stop(): void } {
  const asked = process.env['JPY_PARENT_PID']
  if (asked === undefined) return { stop: () => undefined }
  const parent = process.ppid
  // A server that ends while it starts a kernel is gone before this looks for the first time: then no change is ever seen.
  const goneBefore = process.platform !== 'win32' && parent !== Number(asked) && !isAlive(Number(asked))
  const timer = setInterval(() => {
    if (process.ppid === parent && !goneBefore) return
    clearInterval(timer)
    left()
  }, parentIntervalMs)
  return { stop: () => { clearInterval(timer) } }
}

function isAlive(pid: number): boolean {
  try { return process.kill(pid, 0) } catch (error) { return (error as NodeJS.ErrnoException).code !== 'ESRCH' }
}

function megabytes(bytes: number): number { return Math.round(bytes / 1e6) }
