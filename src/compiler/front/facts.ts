// What only the end of a body tells about its beginning: which variables are assigned, of which type a bigint is, which messages are written. A body is
// compiled again with what was learnt, until nothing new is.
import type typescript from 'typescript'
import type { Layout } from '../../schema/index.js'

type Node = typescript.Node
export type ScalarType = 'number' | 'boolean' | 'i64' | 'u64'

export class Facts {
  /** Variables assigned after their declaration. */
  readonly assigned = new Set<Node>()
  /** Variables that begin without a value, or may hold undefined. */
  readonly optional = new Set<Node>()
  /** Types of variables that their declaration does not tell. */
  readonly types = new Map<Node, ScalarType>()
  /** Layouts of variables without an initial value that hold aggregates. */
  readonly layouts = new Map<Node, Layout>()
  /** Messages, by the node that made them, of which a field is written: JavaScript then keeps a whole number in it, whatever the schema says. */
  readonly widened = new Set<Node>()
  private changed = false

  /** Whether anything was learnt since this was asked last. */
  learnt(): boolean {
    const { changed } = this
    this.changed = false
    return changed
  }

  learn(set: Set<Node>, node: Node): void {
    if (set.has(node)) return
    set.add(node)
    this.changed = true
  }

  learnTo<V>(map: Map<Node, V>, node: Node, value: V): void {
    if (map.has(node)) return
    map.set(node, value)
    this.changed = true
  }
}
