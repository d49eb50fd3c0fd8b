// What a body keeps over a wait and looks for in a loop is what it has to: no variable of a parallel body, no look for a stop where each round waits anyway.
import { describe, expect, test } from 'vitest'
import { translate } from '#ringlab/compiler/front/index.js'
import { loadTypeScript } from '#ringlab/compiler/front/typescript.js'
import type { Program, Statement } from '#ringlab/compiler/ir.js'
import { runPasses } from '#ringlab/compiler/passes/index.js'
import { statementsIn } from '#ringlab/compiler/passes/walk.js'
import { corpus } from '../corpus/index.js'
import { requestFor } from './request.js'
import { definitionOf } from './snippet.js'

loadTypeScript()

async function programOf(definition: Parameters<typeof requestFor>[0]): Promise<Program> {
  return runPasses(translate(await requestFor(definition)).program, () => undefined)
}

describe('the frame', () => {
  test('holds no variable of a parallel body, in any ring kernel of the corpus', async () => {
    let parallels = 0
    for (const { definition } of corpus) {
      const { name, locals, parallels: bodies } = await programOf({ ...definition })
      for (const { own } of bodies) expect(own.filter((local) => locals[local]?.frame !== undefined).map((local) => locals[local]?.name), name).toEqual([])
      parallels += bodies.length
    }
    expect(parallels).toBeGreaterThan(5)
  })

  test('holds what a parallel body reads only where a wait comes in between', async () => {
    const framed = async (lines: string): Promise<string[]> => (await programOf(definitionOf({ form: 'loop', lines }))).locals.filter((local) => local.frame !== undefined).map(({ name }) => name)
    const each = 'ctx.each(8, (i) => { const twice = 2 * scale; ctx.state.t[i] = i * twice })'
    expect(await framed(`for (;;) { const m = await ctx.receive(); const scale = m.i; ${each}; give(1) }`)).toEqual([])
    expect(await framed(`for (;;) { const m = await ctx.receive(); const scale = m.i; give(1); ${each} }`)).toEqual(['scale'])
  })
})

describe('a look for a stop', () => {
  const looks = async (lines: string): Promise<boolean[]> => [...statementsIn((await programOf(definitionOf({ form: 'loop', lines }))).body)]
    .flatMap((s: Statement) => (s.kind === 'loop' ? [s.fuel] : []))

  test.each([
    ['a loop that receives', 'for (;;) { const m = await ctx.receive(); give(m.a) }', [false]],
    ['a loop that receives on both ways', 'let n = 0; for (;;) { n++; if (n % 2 === 0) { const m = await ctx.receive(); give(m.a); continue } const other = await ctx.receive(); give(other.b) }', [false]],
    ['a loop left before it receives', 'let n = 0; for (;;) { if (n > 5) break; n++; const m = await ctx.receive(); give(m.a) }', [false]],
    ['a loop that looks whether a message is there', 'let n = 0; for (;;) { const m = ctx.tryReceive(); if (m !== undefined) give(m.a, n); n++ }', [false]],
    ['a loop with a way around the receive', 'let n = 0; for (;;) { n++; if (n % 3 === 0) continue; const m = await ctx.receive(); give(m.a) }', [true]],
    ['a loop that only sends', 'const m = await ctx.receive(); for (;;) { give(m.a) }', [true]],
    ['a loop around one that may have no rounds', 'const first = await ctx.receive(); for (;;) { for (let i = 0; i < first.u; i++) { const m = await ctx.receive(); give(m.a) } }', [true, false]],
  ])('%s', async (_name, lines, wanted) => {
    expect(await looks(lines)).toEqual(wanted)
  })
})
