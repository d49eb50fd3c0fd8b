// The Nodes on which a Jupyter kernel is tested: this one, and those of the test environment.

import { part } from '../environment/read.js'

export interface NodeBinary { readonly name: string; readonly path: string }

const others = (['node24', 'node26'] as const).flatMap((name): NodeBinary[] => {
  const path = part(name)
  return path === undefined ? [] : [{ name, path }]
})

export const nodes: readonly NodeBinary[] = [{ name: `node ${process.versions.node}`, path: process.execPath }, ...others]
