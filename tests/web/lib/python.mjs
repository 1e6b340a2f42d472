// The scripts of tests/python, which write files as other programs do.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const scripts = fileURLToPath(new URL('../../python', import.meta.url));

/** Runs a script and gives what it prints, one JSON value. */
export async function python(script, ...args) {
  const { stdout } = await execute(interpreter(), ['-B', join(scripts, script), ...args]);
  return JSON.parse(stdout);
}

/** What CLUSTERCLIP_PYTHON names, else what `cargo xtask` has made. */
function interpreter() {
  const cache = process.env.XDG_CACHE_HOME ?? process.env.LOCALAPPDATA ?? join(homedir(), '.cache');
  const inside = process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python';
  const path = process.env.CLUSTERCLIP_PYTHON ?? join(cache, 'clusterclip/python-formats', inside);
  if (existsSync(path)) return path;
  throw new Error(
    `${path} is not there: \`cargo xtask setup\` makes it, or CLUSTERCLIP_PYTHON names a Python`,
  );
}
