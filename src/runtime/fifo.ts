// A first-in, first-out queue: an array used as a circle that doubles when full. Array.shift copies, which a burst of waits would feel.

export class Fifo<T> {
  #items: (T | undefined)[] = new Array<T | undefined>(16)
  #head = 0
  #size = 0

  get size(): number { return this.#size }

  push(item: T): void {
    if (this.#size === this.#items.length) this.#grow()
    this.#items[(this.#head + this.#size) & (this.#items.length - 1)] = item
    this.#size++
  }

  first(): T | undefined { return this.#size === 0 ? undefined : this.#items[this.#head] }

  /** The item `ahead` places behind the first. */
  at(ahead: number): T | undefined { return ahead < this.#size ? this.#items[(this.#head + ahead) & (this.#items.length - 1)] : undefined }

  shift(): T | undefined {
    if (this.#size === 0) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#items.length - 1)
    this.#size--
    return item
  }

  /** Puts items, the first of them foremost, before all others. */
  putBefore(items: readonly T[]): void {
    const rest = [...items, ...this.toArray()]
    let length = this.#items.length
    while (length < rest.length) length *= 2
    this.#items = new Array<T | undefined>(length)
    rest.forEach((item, i) => { this.#items[i] = item })
    this.#head = 0
    this.#size = rest.length
  }

  /** Takes `item` out wherever it stands; false when it is not there. */
  remove(item: T): boolean {
    const rest = this.toArray()
    const at = rest.indexOf(item)
    if (at < 0) return false
    rest.splice(at, 1)
    this.#items = new Array<T | undefined>(this.#items.length)
    rest.forEach((kept, i) => { this.#items[i] = kept })
    this.#head = 0
    this.#size = rest.length
    return true
  }

  toArray(): T[] {
    return Array.from({ length: this.#size }, (_, i) => this.#items[(this.#head + i) & (this.#items.length - 1)] as T)
  }

  #grow(): void {
    const items = this.toArray() as (T | undefined)[]
    items.length *= 2
    this.#items = items
    this.#head = 0
  }
}
