// The folders in which Jupyter looks for kernelspecs, computed as jupyter_core does, without Python.
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** What decides the folders; `process` in real life, made up in tests. */
export interface Place { readonly platform: NodeJS.Platform; readonly env: Readonly<Record<string, string | undefined>>; readonly home: string }

/** This machine and this user. */
export function thisPlace(): Place {
  return { platform: process.platform, env: process.env, home: homedir() }
}

/**
 * The user's Jupyter data folder: JUPYTER_DATA_DIR, else the platform's place.
 * Source: jupyter_core.paths.jupyter_data_dir, version 5.9.
 */
export function jupyterDataFolder(place: Place): string {
  const { env, home, platform } = place
  if (set(env.JUPYTER_DATA_DIR)) return env.JUPYTER_DATA_DIR
  const platformFolders = isTrue(env.JUPYTER_PLATFORM_DIRS)
  if (platform === 'darwin') return platformFolders ? join(home, 'Library', 'Application Support', 'Jupyter') : join(home, 'Library', 'Jupyter')
  if (platform === 'win32') {
    if (platformFolders) return join(set(env.LOCALAPPDATA) ? env.LOCALAPPDATA : join(home, 'AppData', 'Local'), 'Jupyter')
    return set(env.APPDATA) ? join(env.APPDATA, 'jupyter') : join(jupyterConfigFolder(place), 'data')
  }
  return join(set(env.XDG_DATA_HOME) ? env.XDG_DATA_HOME : join(home, '.local', 'share'), 'jupyter')
}

/** The folder of a Python prefix (a virtual environment, conda, /usr) in which its Jupyter looks for data. */
export function prefixDataFolder(prefix: string): string {
  return join(prefix, 'share', 'jupyter')
}

/** Every data folder that a Jupyter of this user looks in, as far as it is known without asking a Python. */
export function knownDataFolders(place: Place): string[] {
  const extra = (place.env.JUPYTER_PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const active = [place.env.VIRTUAL_ENV, place.env.CONDA_PREFIX].filter(set).map(prefixDataFolder)
  const system = place.platform === 'win32' ? [join(place.env.PROGRAMDATA ?? 'C:\\ProgramData', 'jupyter')] : ['/usr/local/share/jupyter', '/usr/share/jupyter']
  return [...new Set([...extra, jupyterDataFolder(place), ...active, ...system])]
}

function jupyterConfigFolder({ env, home }: Place): string {
  return set(env.JUPYTER_CONFIG_DIR) ? env.JUPYTER_CONFIG_DIR : join(home, '.jupyter')
}

function set(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}

/** As jupyter_core.utils.envset reads it: everything but these counts as set. */
function isTrue(value: string | undefined): boolean {
  return value !== undefined && !['no', 'n', 'false', 'off', '0', '0.0'].includes(value.toLowerCase())
}
