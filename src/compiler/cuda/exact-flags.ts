// What every CUDA compiler is asked for, so that a GPU gives JavaScript's bits.

/** No operation fused, division and roots rounded correctly, subnormals kept. */
export const exactFlags = ['--fmad=false', '--prec-div=true', '--prec-sqrt=true', '--ftz=false', '-std=c++17'] as const
