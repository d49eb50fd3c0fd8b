// Names in emitted text: the user's own where they are free, else with a number behind.

/** Words that no variable may be called, and the globals and parameters that emitted text uses. */
const taken = new Set((
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in '
  + 'instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield async of '
  + 'Math Number BigInt NaN Infinity Int8Array Uint8Array Int16Array Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array Float32Array Float64Array Atomics '
  + 'actor places numeric memory state regions pc bank fuel out count lanes lane at end word to from why width folded distance'
).split(' '))

export class Names {
  readonly #used = new Set(taken)

  /** `wanted`, as an identifier that nobody else has. */
  claim(wanted: string): string {
    const plain = wanted.replace(/[^\p{ID_Continue}$]/gu, '_').replace(/^(?![\p{ID_Start}$_])/u, '_')
    let name = plain
    for (let n = 2; this.#used.has(name); n++) name = `${plain}${n}`
    this.#used.add(name)
    return name
  }
}
