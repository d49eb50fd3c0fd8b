// Where the indices of new rings begin: at 0, but for tests. They are u32 that wrap, which would take hours of messages to be met otherwise.
let first = 0

/** As a signed word. */
export function firstIndex(): number { return first }

/** Rings that are made from now on, of whatever runtime of this thread, begin at `index`. For tests. */
export function beginIndicesAt(index: number): void { first = index | 0 }
