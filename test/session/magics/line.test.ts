// A magic's line: options and arguments are read by the table, wrong use is one sentence with what is right, and Tab completes both.
import { describe, expect, test } from 'vitest'
import { completeMagic } from '#ringlab/session/magics/complete.js'
import { parseLine } from '#ringlab/session/magics/parse-line.js'
import { describedMagic, magicTable, usageOf } from '#ringlab/session/magics/table.js'
import type { MagicDescription } from '#ringlab/session/magics/table.js'

function parse(name: keyof typeof magicTable, line: string): { options: Record<string, unknown>; arguments: readonly string[]; code: string } {
  const parsed = parseLine(name, magicTable[name], line)
  return { options: Object.fromEntries(parsed.options), arguments: parsed.arguments, code: parsed.code }
}

describe('a line is read as its table says', () => {
  test.each<[keyof typeof magicTable, string, object]>([
    ['queues', '', { options: {}, arguments: [], code: '' }],
    ['queues', 'a b', { options: {}, arguments: ['a', 'b'], code: '' }],
    ['queues', '--live', { options: { '--live': true }, arguments: [], code: '' }],
    ['queues', '--live 30', { options: { '--live': 30 }, arguments: [], code: '' }],
    ['queues', '--live=30 a', { options: { '--live': 30 }, arguments: ['a'], code: '' }],
    ['queues', '--live summer', { options: { '--live': true }, arguments: ['summer'], code: '' }],
    ['queues', '"two words" \'and more\'', { options: {}, arguments: ['two words', 'and more'], code: '' }],
    ['send', 'a { id: 1, text: "x --priority" }', { options: {}, arguments: ['a'], code: '{ id: 1, text: "x --priority" }' }],
    ['send', '--priority 3 a -x', { options: { '--priority': 3 }, arguments: ['a'], code: '-x' }],
    ['send', 'a --priority 3 [1, 2]', { options: { '--priority': 3 }, arguments: ['a'], code: '[1, 2]' }],
    ['timeit', '-n 10 -r 2 f(1)  + 2', { options: { '-n': 10, '-r': 2 }, arguments: [], code: 'f(1)  + 2' }],
    ['timeit', '-x', { options: {}, arguments: [], code: '-x' }],
    ['buffer', 'data.subarray(0, 4)', { options: {}, arguments: [], code: 'data.subarray(0, 4)' }],
    ['buffer', 'new Float32Array([1]) --view histogram', { options: { '--view': 'histogram' }, arguments: [], code: 'new Float32Array([1])' }],
    ['buffer', 'data --field a.b --view=line', { options: { '--view': 'line', '--field': 'a.b' }, arguments: [], code: 'data' }],
    ['send', 'a { text: "x --priority 3" }', { options: {}, arguments: ['a'], code: '{ text: "x --priority 3" }' }],
    ['send', 'a x - --y', { options: {}, arguments: ['a'], code: 'x - --y' }],
    ['timeit', 'x --y', { options: {}, arguments: [], code: 'x --y' }],
    ['terminate', '--all --pending drain', { options: { '--all': true, '--pending': 'drain' }, arguments: [], code: '' }],
  ])('%%%s %s', (name, line, expected) => { expect(parse(name, line)).toEqual(expected) })
})

describe('wrong use is one sentence', () => {
  test.each<[keyof typeof magicTable, string, string]>([
    ['queues', '--liv', '%queues has no option --liv; did you mean --live?'],
    ['queues', '--live 0', '%queues --live was given "0", expected a number of at least 1.'],
    ['actors', '--x', '%actors has no option --x and takes none.'],
    ['actors', 'extra', '%actors has no place for "extra": %actors.'],
    ['launch', '', '%launch needs DEFINITION: %launch [--id ID] [--device DEVICE] [--activate] DEFINITION.'],
    ['launch', 'a b', '%launch has no place for "b": %launch [--id ID] [--device DEVICE] [--activate] DEFINITION.'],
    ['launch', '--id', '%launch --id needs a value: --id ID.'],
    ['launch', '--id --activate a', '%launch --id needs a value: --id ID.'],
    ['launch', '--activate=yes a', '%launch --activate takes no value, but was given "yes".'],
    ['activate', '', '%activate needs ID: %activate ID ….'],
    ['send', 'a', '%send needs EXPRESSION: %send [--priority N] ID EXPRESSION.'],
    ['send', '', '%send needs ID: %send [--priority N] ID EXPRESSION.'],
    ['receive', 'a --timeout soon', '%receive --timeout was given "soon", expected a number of at least 0.'],
    ['receive', 'a --count 0', '%receive --count was given "0", expected a number of at least 1.'],
    ['buffer', '--view tble x', '%buffer --view was given "tble", expected table, line, histogram, heatmap; did you mean table?'],
    ['buffer', 'x --veiw table', '%buffer has no option --veiw; did you mean --view?'],
    ['buffer', '--veiw table x', '%buffer has no option --veiw; did you mean --view?'],
  ])('%%%s %s', (name, line, message) => {
    expect(() => parse(name, line)).toThrow(expect.objectContaining({ name: 'MagicUsageError', magic: name, message }))
  })

  test('every example of the table is right use', () => {
    for (const [name, magic] of Object.entries<MagicDescription>(magicTable)) {
      for (const example of magic.examples) {
        const line = /%%?[a-z]+\s*(.*)$/.exec(example)?.[1] ?? ''
        expect(() => parseLine(name, magic, line), example).not.toThrow()
        expect(example).toContain(`%${name}`)
      }
      expect(usageOf(name, magic)).toMatch(new RegExp(`^%${name}`))
    }
    expect(describedMagic('toString')).toBeUndefined()
  })
})

describe('Tab completes', () => {
  const facts = { ids: ['summer', 'left'], definitions: ['summer', 'sorter'], devices: ['auto', 'cpu', 'host'], names: ['data'], addedMagics: ['mine'] }
  const complete = (line: string, offset = line.length): readonly string[] | undefined => completeMagic(line, offset, facts)?.matches.map((match) => match.text)
  test.each<[string, readonly string[] | undefined]>([
    ['%que', ['%queues']], ['%', expect.arrayContaining(['%lsmagic', '%who', '%mine'])  as readonly string[]], ['%%t', ['%%time', '%%timeit']], ['const x = %rec', ['%receive']], ['  x.y = %act', ['%activate', '%actors']],
    ['%queues ', ['summer', 'left', '--live']], ['%queues su', ['summer']], ['%queues summer ', ['left', '--live']], ['%queues --l', ['--live']], ['%queues --live 30 le', ['left']],
    ['%launch so', ['sorter']], ['%launch summer --d', ['--device']], ['%launch --device h', ['host']], ['%launch --id ', []], ['%device c', ['cpu']],
    ['%terminate --pending dr', ['drain']], ['%buffer --view h', ['histogram', 'heatmap']], ['%help qu', ['queues']], ['%who d', ['data']], ['%send s', ['summer']],
    // Code is TypeScript's to complete.
    ['%send summer { i', undefined], ['%buffer da', undefined], ['x % que', undefined], ['summer.que', undefined], ['%timeit Math.', undefined],
  ])('%s', (line, expected) => { expect(complete(line)).toEqual(expected) })

  test('in the middle of a word, replacing all of it', () => {
    expect(completeMagic('%queues sumer', 10, facts)).toMatchObject({ start: 8, end: 13, matches: [{ text: 'summer', type: 'ring kernel' }] })
  })
})
