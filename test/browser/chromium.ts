import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** The Chromium of this machine, if there is one. */
export function findChromium(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((file) => existsSync(file))
}

/** Installs Debian's Chromium where there is none and we may; answers what to do about it where we may not. */
export function ensureChromium(): string | undefined {
  if (findChromium() !== undefined) {
    return undefined
  }
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) {
    return `there is no Chromium on the path (${NAMES.join(', ')}): install one, on Debian and Ubuntu by \`apt-get install chromium\` as root`
  }
  console.log('installing chromium …')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const words of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    execFileSync('apt-get', ['-qq', ...words], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  return findChromium() === undefined ? 'apt-get installed no Chromium' : undefined
}
