// What this thread and the one that guards it post to each other.

/** How the guard is set up. */
export interface GuardStart {
  /** One word: how many of the guard's letters were answered. */
  readonly answered: Int32Array
  /** What the operating system calls the guarded thread; 0 where it does not say. */
  readonly thread: number
}

export interface ToGuard { readonly limitMs: number }

export type FromGuard =
  /** Asks for a sign of life. */
  | { readonly kind: 'present' }
  /** The body with this number did not give the thread back, and was torn out of it, in these calls: as an error has them. */
  | { readonly kind: 'torn'; readonly body: number; readonly computedMs: number; readonly calls: string }

/** Under this symbol the guarded thread has a function that says which body runs: its number, its limit and its calls, or undefined. */
export const WHOSE_TURN = 'ringlab.host.body'
export interface WhoseTurn { readonly body: number; readonly limitMs: number; readonly calls: string }
/** Under this one, what has Node forget the calls that are about to be torn out: it keeps a stack of its own of what runs, and aborts where that does not come out even. */
export const FORGET_CALLS = 'ringlab.host.forget'
