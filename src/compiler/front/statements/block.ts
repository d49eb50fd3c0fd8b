// Blocks: names are declared before their statements run, functions for good.
import type typescript from 'typescript'
import type { Lowering } from '../lowering.js'
import { Scope } from '../scope.js'
import { ts } from '../typescript.js'

/** Names of a block: its functions are there from the start, its variables from their declaration on. */
export function hoist(t: Lowering, nodes: readonly typescript.Statement[]): void {
  for (const node of nodes) {
    if (ts.isFunctionDeclaration(node) && node.name) {
      t.scope.names.set(node.name.text, { kind: 'value', value: { kind: 'function', node, scope: t.scope, name: node.name.text }, declaration: node.name, constant: false })
    } else if (ts.isVariableStatement(node)) {
      for (const { name } of node.declarationList.declarations) ahead(t, name)
    }
  }
}

function ahead(t: Lowering, name: typescript.BindingName): void {
  if (ts.isIdentifier(name)) t.scope.names.set(name.text, { kind: 'ahead' })
  else for (const element of name.elements) if (ts.isBindingElement(element)) ahead(t, element.name)
}

export function block(node: typescript.Block, t: Lowering): void {
  t.within(new Scope(t.scope), () => {
    t.openBlock(node.statements)
    t.statementsOf(node.statements)
  })
}
