// Which elements of a buffer one copy has newer than the other: disjoint ranges in order, [from, to).

export type Range = readonly [from: number, to: number]

export class Ranges {
  #ranges: Range[] = []

  get isEmpty(): boolean { return this.#ranges.length === 0 }

  add(from: number, to: number): void {
    if (from >= to) return
    // Most writes go on where the last one ended.
    const last = this.#ranges.at(-1)
    if (last === undefined || from > last[1]) { this.#ranges.push([from, to]); return }
    const before = this.#ranges.filter((range) => range[1] < from)
    const after = this.#ranges.filter((range) => range[0] > to)
    const touched = this.#ranges.slice(before.length, this.#ranges.length - after.length)
    this.#ranges = [...before, [Math.min(from, touched[0]?.[0] ?? from), Math.max(to, touched.at(-1)?.[1] ?? to)], ...after]
  }

  remove(from: number, to: number): void {
    this.#ranges = this.#ranges.flatMap((range): Range[] => parts(range, from, to))
  }

  clear(): void { this.#ranges = [] }

  /** What of [from, to) is in here. */
  within(from: number, to: number): Range[] {
    return this.#ranges.flatMap((range): Range[] => (from >= to || range[1] <= from || range[0] >= to ? [] : [[Math.max(range[0], from), Math.min(range[1], to)]]))
  }

  /** What of [from, to) is in here and not in `other`. */
  withinBut(other: Ranges, from: number, to: number): Range[] {
    return other.#ranges.reduce((left, [start, end]) => left.flatMap((range) => parts(range, start, end)), this.within(from, to))
  }
}

/** What [from, to) leaves of a range. */
function parts(range: Range, from: number, to: number): Range[] {
  if (from >= to || range[1] <= from || range[0] >= to) return [range]
  return [...(range[0] < from ? [[range[0], from] as const] : []), ...(range[1] > to ? [[to, range[1]] as const] : [])]
}
