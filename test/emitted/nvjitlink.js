// NVIDIA's linker without a driver: libnvJitLink, which the driver's own cuLink… functions stand on.
import koffi from 'koffi'

/** nvJitLink.h, enum nvJitLinkInputType. */
const cubinInput = 1

/**
 * @param {string} path libnvJitLink's file
 */
export function openNvJitLink(path) {
  const library = koffi.load(path)
  const declare = (/** @type {string} */ name, /** @type {string} */ parameters) => /** @type {(...values: unknown[]) => number} */ (library.func(`int ${name}(${parameters})`))
  const create = declare('nvJitLinkCreate', 'void *handle, uint32_t count, const char **options'), destroy = declare('nvJitLinkDestroy', 'void *handle')
  const add = declare('nvJitLinkAddData', 'uint64_t handle, int type, void *data, size_t bytes, const char *name'), complete = declare('nvJitLinkComplete', 'uint64_t handle')
  const cubinBytes = declare('nvJitLinkGetLinkedCubinSize', 'uint64_t handle, void *bytes'), cubin = declare('nvJitLinkGetLinkedCubin', 'uint64_t handle, void *cubin')

  const bytesOf = (/** @type {(...values: unknown[]) => number} */ size, /** @type {(...values: unknown[]) => number} */ fill, /** @type {bigint} */ link) => {
    const length = new BigUint64Array(1)
    if (size(link, length) !== 0 || length[0] === 0n) return new Uint8Array(0)
    const bytes = new Uint8Array(Number(length[0]))
    fill(link, bytes)
    return bytes
  }
  const [errorBytes, errorLog] = [declare('nvJitLinkGetErrorLogSize', 'uint64_t handle, void *bytes'), declare('nvJitLinkGetErrorLog', 'uint64_t handle, void *log')]
  const [infoBytes, infoLog] = [declare('nvJitLinkGetInfoLogSize', 'uint64_t handle, void *bytes'), declare('nvJitLinkGetInfoLog', 'uint64_t handle, void *log')]
  const text = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString().replaceAll('\0', '').trim()

  return {
    /**
     * The CUBIN of all parts and what the linker says of it. Throws what it refuses.
     * @param {`sm_${number}`} architecture
     * @param {readonly { readonly name: string, readonly cubin: Uint8Array }[]} parts
     * @returns {{ cubin: Uint8Array, info: string, ms: number }}
     */
    link: (architecture, parts) => {
      const from = performance.now()
      const handle = new BigUint64Array(1)
      const options = [`-arch=${architecture}`, '-verbose']
      const created = create(handle, options.length, options)
      if (created !== 0) throw new Error(`nvJitLinkCreate gave ${created}`)
      const link = handle[0] ?? 0n
      try {
        for (const { name, cubin: bytes } of parts) if (add(link, cubinInput, bytes, bytes.byteLength, name) !== 0) throw new Error(`the linker does not take ${name}: ${text(bytesOf(errorBytes, errorLog, link))}`)
        if (complete(link) !== 0) throw new Error(`the linker refuses ${parts.map(({ name }) => name).join(' + ')}: ${text(bytesOf(errorBytes, errorLog, link))}`)
        const image = bytesOf(cubinBytes, cubin, link)
        return { cubin: image, info: text(bytesOf(infoBytes, infoLog, link)), ms: performance.now() - from }
      } finally { destroy(handle) }
    },
  }
}
