// The host arena: one SharedArrayBuffer, handed out in whole pages. Workers get the buffer itself; pages cost memory when touched
// (measured on Node 20: a 1 GiB SharedArrayBuffer is made in 0.01 ms and adds nothing to the resident set), so arenas are reserved large.
import { PAGE_BYTES, viewsOf, type ArenaViews } from './control.js'

/** Reserved address space of one arena, unless one allocation needs more. */
const ARENA_BYTES = 256 * 1024 * 1024
/** Offsets are u32 for every peer, so an arena ends below 4 GiB. */
const ARENA_BYTES_MAX = 0xffff_f000

/** A run of pages in one arena. */
export interface Block { readonly arena: ArenaViews; readonly offset: number; readonly bytes: number }

export class Arena {
  readonly #arenas: { readonly views: ArenaViews; next: number; readonly free: Map<number, number[]> }[] = []

  /** Whole zeroed pages, at least `bytes`; a further arena is reserved when no arena has room. */
  allocate(bytes: number): Block {
    const size = Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES
    for (const arena of this.#arenas) {
      const again = arena.free.get(size)?.pop()
      if (again !== undefined) {
        arena.views.bytes.fill(0, again, again + size)
        return { arena: arena.views, offset: again, bytes: size }
      }
    }
    let arena = this.#arenas.find((candidate) => candidate.next + size <= candidate.views.memory.byteLength)
    if (arena === undefined) {
      arena = { views: viewsOf(new SharedArrayBuffer(arenaBytes(size))), next: 0, free: new Map() }
      this.#arenas.push(arena)
    }
    const offset = arena.next
    arena.next += size
    return { arena: arena.views, offset, bytes: size }
  }

  /** Gives the pages back. The caller guarantees that no peer reads or writes them any more. */
  release(block: Block): void {
    const arena = this.#arenas.find((candidate) => candidate.views === block.arena)
    if (arena === undefined) throw new RangeError('this block belongs to another arena: release it where it was allocated')
    const sizes = arena.free.get(block.bytes)
    if (sizes === undefined) arena.free.set(block.bytes, [block.offset])
    else if (sizes.includes(block.offset)) throw new RangeError(`the block at ${block.offset} was released twice`)
    else sizes.push(block.offset)
  }
}

function arenaBytes(needed: number): number {
  if (needed > ARENA_BYTES_MAX) throw new RangeError(`${needed} bytes do not fit one arena (4 GiB): lower the capacity or the size of the messages`)
  return Math.max(ARENA_BYTES, needed)
}
