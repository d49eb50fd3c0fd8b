// Names of C++ for the user's: their own, where C++, CUDA and the prelude leave them free. Every name of one function is different from all others.
import { cudaName } from '../../schema/index.js'

/** What the prelude, the emitted text itself, CUDA and the C library's macros call something. */
const taken = new Set(`i8 u8 i16 u16 i32 u32 i64 u64 f32 f64 s m a pc use fuel fault frame state shape actor args hand point park failed returned interrupted op
  leader parallel on_message body main threadIdx blockIdx blockDim gridDim warpSize dim3 min max abs floor ceil trunc sqrt fabs
  NULL NAN INFINITY EOF HUGE_VAL DOMAIN SING OVERFLOW UNDERFLOW PLOSS TLOSS assert errno isnan isinf isfinite signbit memcpy memset printf malloc free clock
  log exp sin cos tan pow round y0 y1 yn j0 j1 jn gamma index time select`.split(/\s+/))

export class Names {
  readonly #used = new Set<string>(taken)

  /** A C++ name like `name` that was not given before. */
  take(name: string): string {
    const plain = cudaName(name.replace(/[^A-Za-z0-9_]/g, (c) => (c === '$' ? '_' : `_${c.codePointAt(0)?.toString(16) ?? ''}`)))
    // Names that begin with two underscores, or one and a capital, belong to the compiler; rl_ to the prelude.
    const base = /^(_|rl_|RL_|Rl[A-Z]|[0-9])/.test(plain) ? `v${plain.startsWith('_') ? '' : '_'}${plain}` : plain
    let free = base
    for (let n = 2; this.#used.has(free); n++) free = `${base}_${n}`
    this.#used.add(free)
    return free
  }
}
