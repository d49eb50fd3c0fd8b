// `npm run gpu:bundle`: one archive with Node, ringlab and the GPU suite, for a machine that has an NVIDIA driver and nothing else: no Node, no network.
// There: tar xzf ringlab-gpu.tar.gz -C SOMEWHERE && SOMEWHERE/ringlab-gpu/run.sh [RESULTS FOLDER]. NVRTC is the machine's own.
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSuite } from './build.js'

/** What a machine is sent at most: a lent machine takes 64 MiB in all. */
const BYTES_MAX = 45 * 1024 * 1024
const root = fileURLToPath(new URL('../../', import.meta.url))
const output = `${root}test/output/gpu/`
const folder = `${output}ringlab-gpu/`
const archive = `${output}ringlab-gpu.tar.gz`

rmSync(folder, { recursive: true, force: true })
mkdirSync(`${folder}bin`, { recursive: true })
cpSync(process.execPath, `${folder}bin/node`)
chmodSync(`${folder}bin/node`, 0o755)
stripped(`${folder}bin/node`)
for (const part of ['dist', 'cuda', 'package.json', 'LICENSE']) cpSync(join(root, part), join(folder, part), { recursive: true, filter: (path) => !path.endsWith('.map') && !path.endsWith('.d.ts') })
for (const name of ['koffi', 'msgpackr']) cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true, filter: (path) => !path.includes('/koffi/') || !/\/(doc|vendor)$|\.(cc|hh|c|h|S|asm|inc|md)$/.test(path) })
copyKoffiBinary()
mkdirSync(`${folder}node_modules/typescript/lib`, { recursive: true })
for (const file of ['package.json', 'lib/typescript.js']) cpSync(join(root, 'node_modules/typescript', file), join(folder, 'node_modules/typescript', file))
buildSuite(`${folder}app/`)
writeFileSync(`${folder}run.sh`, `#!/bin/sh
# run.sh [RESULTS FOLDER] [--only "NAME|NAME"] [--minutes N]: runs the GPU suite of ringlab, which takes less than 9 minutes. Needs an NVIDIA driver with NVRTC,
# and nothing else. Results, one JSON file and what was printed, go to the folder given, else to ./results; nothing else is written but kernels in a
# folder of their own that is removed again.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1
results=$PWD/results
case "\${1-}" in
  ''|--*) ;;
  /*) results=$1; shift ;;
  *) results=$PWD/$1; shift ;;
esac
mkdir -p "$results" || exit 1
XDG_CACHE_HOME=$(mktemp -d "\${TMPDIR:-/tmp}/ringlab-gpu.XXXXXX") || exit 1
export XDG_CACHE_HOME
cd "$here" || exit 1
trap 'kill -TERM "$suite" 2>/dev/null; wait "$suite"; rm -rf "$XDG_CACHE_HOME"; exit 1' INT TERM HUP
./bin/node --expose-gc app/gpu/suite/main.js --results "$results" "$@" &
suite=$!
wait "$suite"
status=$?
rm -rf "$XDG_CACHE_HOME"
exit $status
`)
chmodSync(`${folder}run.sh`, 0o755)
execFileSync('tar', ['--sort=name', '--owner=0', '--group=0', '--use-compress-program=gzip -9', '-cf', archive, '-C', output, 'ringlab-gpu'])
const { size } = statSync(archive)
console.log(`${archive}: ${(size / 1024 / 1024).toFixed(1)} MiB`)
if (size > BYTES_MAX) {
  console.error(`the bundle is larger than ${BYTES_MAX / 1024 / 1024} MiB: leave something out`)
  process.exitCode = 1
}

/** koffi's native part lies in a package of its own for each platform; only this one's is sent. */
function copyKoffiBinary() {
  const scope = join(root, 'node_modules/@koromix')
  for (const name of readdirSync(scope)) if (name.includes(`${process.platform}-${process.arch}`)) cpSync(join(scope, name), join(folder, 'node_modules/@koromix', name), { recursive: true })
}

/** Symbols are of no use there; without \`strip\` the archive is a little larger. @param {string} file */
function stripped(file) {
  try { execFileSync('strip', ['--strip-unneeded', file], { stdio: 'ignore' }) } catch { console.error('there is no `strip` here: Node is sent with its symbols') }
}
