// The store of dead letters against a list, over random histories; and what becomes of an ask whose message a device gives up.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ringKernel, struct, u32, UndeliveredError } from 'ringlab'
import { Arena } from '#ringlab/ring/arena.js'
import { allocateActor } from '#ringlab/ring/block.js'
import { envelopeBytes } from '#ringlab/ring/envelope.js'
import { DeadLetters, KeptLetter } from '#ringlab/runtime/dead-letters.js'
import { isDefinition, type Definition } from '#ringlab/runtime/definition.js'
import { LetterWriter } from '#ringlab/runtime/letter-writer.js'

const Value = struct('Value', { v: u32 })
const made: unknown = ringKernel('letters-echo', { input: Value, output: Value }, { onMessage({ v }, ctx) { ctx.send({ v }) } })
const definition = ((): Definition => { if (isDefinition(made)) return made; throw new Error('no definition') })()
const letter = (id: string, message: number): KeptLetter => new KeptLetter({ id, definition, device: 'cpu', reason: 'dropped', slot: undefined, message })

const ids = fc.constantFrom('a', 'b')
const moves = fc.array(fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), id: ids }) },
  fc.record({ kind: fc.constantFrom('take', 'takeOf', 'drainOf', 'clear', 'lose', 'peek'), id: ids }),
), { maxLength: 40 })

test('the store keeps, in order, what a list of the capacity keeps, and counts what it does not (3,000 random histories)', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 6 }), moves, (capacity, history) => {
    const store = new DeadLetters({ capacity })
    let kept: { id: string; message: number }[] = []
    const lost = { a: 0, b: 0 }
    const plain = (letters: Iterable<{ id: string; message: unknown }>): unknown[] => [...letters].map(({ id, message }) => ({ id, message }))
    history.forEach(({ kind, id }, i) => {
      const own = kept.filter((each) => each.id === id)
      const view = store.of(id)
      switch (kind) {
        case 'add': {
          store.add(letter(id, i))
          kept.push({ id, message: i })
          if (kept.length > capacity) lost[(kept.shift() as { id: 'a' | 'b' }).id]++
          break
        }
        case 'take': expect(plain([store.take()].filter((each) => each !== undefined))).toEqual(kept.splice(0, 1)); break
        case 'takeOf': { const [first] = own; expect(view.take()?.message).toBe(first?.message); kept = kept.filter((each) => each !== first); break }
        case 'drainOf': expect(plain(view.drain())).toEqual(own); kept = kept.filter((each) => each.id !== id); break
        case 'clear': expect(store.clear()).toBe(kept.length); kept = []; break
        case 'lose': store.lose(id, 2); lost[id] += 2; break
        case 'peek': expect(plain(view.peek(2))).toEqual(own.slice(0, 2)); break
      }
      expect([plain(store), store.size, store.lost, store.of('a').size, store.of('b').lost]).toEqual([kept, kept.length, lost.a + lost.b, kept.filter((each) => each.id === 'a').length, lost.b])
    })
  }), { numRuns: 3_000 })
})

test('an ask whose message expired is refused with its reason, one whose message nobody asked for is only kept', () => {
  const block = allocateActor(new Arena(), { inputCapacity: 16, inputBytes: 4, outputCapacity: 16, outputBytes: 4, stateBytes: 0 })
  const letters = new DeadLetters(undefined)
  const refused: [bigint, Error][] = []
  const writer = new LetterWriter({ id: 'echo', definition: () => definition, device: 'cpu', block, letters, refuseAsk: (correlationId, error) => { refused.push([correlationId, error()]); return true } })
  const given = (correlationId: bigint): boolean => {
    const envelope = { id: 5n, correlationId, priority: 128, sender: 0, sentAtNs: 1n, timeToLiveMs: 1 }
    const slot = new Uint8Array(48)
    slot.set(envelopeBytes(envelope))
    slot[32] = 7
    return writer.given({ reason: 'expired', envelope, slot })
  }
  expect([given(9n), given(0n)]).toEqual([true, false])
  expect(refused).toHaveLength(1)
  expect(refused[0]?.[0]).toBe(9n)
  expect(refused[0]?.[1]).toBeInstanceOf(UndeliveredError)
  expect(refused[0]?.[1]).toMatchObject({ name: 'UndeliveredError', id: 'echo', reason: 'expired' })
  expect([...letters].map(({ message, envelope }) => [message, envelope.correlationId])).toEqual([[{ v: 7 }, 9n], [{ v: 7 }, 0n]])
})
