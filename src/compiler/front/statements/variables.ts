// Declarations of variables as statements: `const` and `let`.
import type typescript from 'typescript'
import type { Lowering } from '../lowering.js'
import { ts } from '../typescript.js'
import { poison } from '../value.js'
import { declarePattern } from '../variables/patterns.js'

export function variableStatement(node: typescript.VariableStatement, t: Lowering): void { declareList(node.declarationList, t) }

export function declareList(list: typescript.VariableDeclarationList, t: Lowering): void {
  const kind = declarationKind(list)
  if (kind === 'var') { refuseVar(list, t); return }
  if (kind === 'using') { t.refuse(list, '`using`', 'Nothing on a device needs disposing: write const.'); return }
  for (const declaration of list.declarations) {
    const value = declaration.initializer ? t.expression(declaration.initializer) : { kind: 'undefined' as const }
    declarePattern(t, declaration.name, value, { constant: kind === 'const', parameter: false })
  }
}

/** How a list of variables is declared. */
export function declarationKind(list: typescript.VariableDeclarationList): 'var' | 'let' | 'const' | 'using' {
  const { Let, Const, Using } = ts.NodeFlags
  // `await using` has the bits of both.
  if ((list.flags & Using) !== 0) return 'using'
  return (list.flags & Let) !== 0 ? 'let' : (list.flags & Const) !== 0 ? 'const' : 'var'
}

/** `var` is refused once: its names stand for nothing, silently. */
export function refuseVar(list: typescript.VariableDeclarationList, t: Lowering): void {
  t.report('RL1003', list)
  for (const { name } of list.declarations) for (const each of namesOf(name)) t.scope.names.set(each, { kind: 'value', value: poison, declaration: name, constant: false })
}

function namesOf(name: typescript.BindingName): string[] {
  return ts.isIdentifier(name) ? [name.text] : name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesOf(element.name) : []))
}
