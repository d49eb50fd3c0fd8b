// Who watches the asks of a ring kernel from beginning to end, such as a tracer.

/** Runs `ask` and gives its outcome on; `to` says whom it asks. */
export type AskObserver = <T>(to: { readonly id: string; readonly device: string }, ask: () => Promise<T>) => Promise<T>

/** Something whose asks can be watched. */
export interface Observed { askObservers: readonly AskObserver[] }
