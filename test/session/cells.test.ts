// What a cell means: each row of the tables, through a real session.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DrivenSession, type Ran } from './driver.js'
import { orderRules, resultRules, scopeRules, type Rule } from './rules.js'
import { environmentRules } from './environment-rules.js'

let session: DrivenSession
beforeAll(async () => { session = await DrivenSession.open() })
afterAll(async () => { await session.close() })

describe.each([['scope', scopeRules], ['order', orderRules], ['results', resultRules], ['environment', environmentRules]] as const)('%s', (_, rules) => {
  it.each(rules.map((rule) => [rule.rule, rule] as const))('%s', async (__, rule) => {
    let last: Ran | undefined
    for (const cell of rule.cells) last = await session.run(cell)
    if (!last) throw new Error('a rule needs a cell')
    check(rule, last)
  })
})

function check(rule: Rule, ran: Ran): void {
  expect(ran.error === '' ? 'no error' : ran.error + '\n' + ran.traceback).toMatch(rule.error === undefined ? 'no error' : rule.error)
  if (rule.text !== undefined) expectText(ran.text ?? '', rule.text)
  if (rule.stdout !== undefined) expectText(ran.stdout, rule.stdout)
  if (rule.stderr !== undefined) expectText(ran.stderr, rule.stderr)
  if (rule.traceback !== undefined) expect(ran.traceback).toMatch(rule.traceback)
}

function expectText(text: string, expected: string | RegExp): void {
  if (typeof expected === 'string') expect(text).toBe(expected); else expect(text).toMatch(expected)
}
