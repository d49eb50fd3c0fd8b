// `const` and `let`.
import type typescript from 'typescript'
import type { Lowering } from '../lowering.js'
import { ts } from '../typescript.js'
import { declarePattern } from '../variables/patterns.js'

export function variableStatement(node: typescript.VariableStatement, t: Lowering): void { declareList(node.declarationList, t) }

export function declareList(list: typescript.VariableDeclarationList, t: Lowering): void {
  const kind = list.flags & ts.NodeFlags.BlockScoped
  if (kind === 0) { t.report('RL1003', list); return }
  if (kind !== ts.NodeFlags.Const && kind !== ts.NodeFlags.Let) { t.refuse(list, '`using`', 'Nothing on a device needs disposing: write const.'); return }
  for (const declaration of list.declarations) {
    const value = declaration.initializer ? t.expression(declaration.initializer) : { kind: 'undefined' as const }
    declarePattern(t, declaration.name, value, { constant: kind === ts.NodeFlags.Const, parameter: false })
  }
}
