// What `lab` knows of the running cell: set by the session, harmless where there is none.

const never = new AbortController().signal
let signalNow: () => AbortSignal | undefined = () => undefined
let results: () => Readonly<Record<number, unknown>> = () => ({})

/** How to find the running cell's signal. */
export function setCurrentSignal(signal: () => AbortSignal | undefined): void { signalNow = signal }

/** The running cell's signal, or one that never aborts. */
export function currentSignal(): AbortSignal { return signalNow() ?? never }

/** How to find the results of earlier cells, by number. */
export function setOutputs(outputsNow: () => Readonly<Record<number, unknown>>): void { results = outputsNow }

export function outputs(): Readonly<Record<number, unknown>> { return results() }
