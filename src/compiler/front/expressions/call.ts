// Calls: of functions, which are inlined, of members of the context, of arrays and of globals.
import type typescript from 'typescript'
import { arrayCall } from '../arrays/methods.js'
import { contextCall, send } from '../context/calls.js'
import { globalCall, globalMethod } from '../globals/calls.js'
import { ringlabCall } from '../globals/scalars.js'
import { inline } from '../functions/inline.js'
import type { Lowering } from '../lowering.js'
import { ts } from '../typescript.js'
import { poison, wordsOf, type Value } from '../value.js'
import { overOptional } from './logical.js'

export function callExpression(node: typescript.CallExpression, t: Lowering): Value {
  const spread = node.arguments.find(ts.isSpreadElement)
  const { expression } = node
  if (expression.kind === ts.SyntaxKind.ImportKeyword) return t.refuse(node, '`import()`', 'Import it around the ring kernel.')
  const callee = t.expression(expression)
  if (spread && !(callee.kind === 'method' && callee.of.kind === 'global')) return t.refuse(spread, '`...` in a call', 'Pass the values one by one, or an array.')
  return callee.kind === 'optional' && (node.flags & ts.NodeFlags.OptionalChain) !== 0 ? overOptional(t, callee, (inner) => called(t, inner, node)) : called(t, callee, node)
}

function called(t: Lowering, callee: Value, node: typescript.CallExpression): Value {
  const awaited = isAwaited(t, node)
  switch (callee.kind) {
    case 'poison': t.expressions(node.arguments.filter((argument) => !ts.isSpreadElement(argument) && !ts.isFunctionLike(argument))); return poison
    case 'function': return inline(t, callee, t.expressions(node.arguments), { node, awaited })
    case 'global': return globalCall(t, callee.name, node)
    case 'ringlab': return ringlabCall(t, callee.name, node)
    case 'method': return methodCall(t, callee.of, callee.name, node, awaited)
    default: return t.refuse(node, `calling ${wordsOf(callee)}`, 'Call a function that is declared with its text: an arrow function or a function declaration.')
  }
}

function methodCall(t: Lowering, of: Value, name: string, node: typescript.CallExpression, awaited: boolean): Value {
  // A method taken off its object has lost it, in JavaScript as well.
  if (!ts.isPropertyAccessExpression(skipped(node.expression)) && !ts.isElementAccessExpression(skipped(node.expression))) return t.refuse(node, `\`${name}\` without its object`, `Call it on its object: ctx.${name}(…).`)
  if (of.kind === 'part') return contextCall(t, name, node, { node, awaited })
  if (of.kind === 'port') return name === 'send' ? send(t, of.port, node, { node, awaited }) : t.refuse(node, `\`.${name}\` of a port`, 'Use .send(…).')
  if (of.kind === 'global') return globalMethod(t, of.name, name, node)
  return arrayCall(t, of, name, node)
}

/** `(0, exports.f)` is how CommonJS builds call imports. */
function skipped(node: typescript.Expression): typescript.Expression {
  return ts.isParenthesizedExpression(node) ? skipped(node.expression) : node
}

/** Is the promise of this call awaited, here or by whoever called the function that returns it? */
function isAwaited(t: Lowering, node: typescript.Node): boolean {
  const { parent } = node
  if (ts.isAwaitExpression(parent)) return true
  if (ts.isReturnStatement(parent)) return t.frame?.awaited === true
  if (ts.isArrowFunction(parent) && parent.body === node) return t.frame?.awaited === true
  if (ts.isConditionalExpression(parent) && parent.condition !== node) return isAwaited(t, parent)
  if (ts.isBinaryExpression(parent) && parent.right === node && ['&&', '||', '??', ','].includes(parent.operatorToken.getText())) return isAwaited(t, parent)
  return ts.isParenthesizedExpression(parent) && isAwaited(t, parent)
}
