// The package as others get it: packed, installed in an empty project, used by its URL or through Vite.

import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { packageFolder } from './places.mjs';

const execute = promisify(execFile);
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const vite = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url));

/** The page of the project: it hands the package to the tests. */
const html = (script) => `<!doctype html>
<html lang="en">
  <link rel="icon" href="data:," />
  <title>an empty project</title>
  ${script}
</html>
`;

/** Packs the package and installs it in a new project in `folder`. */
export async function install(folder) {
  const [tarballs, project] = [join(folder, 'packed'), join(folder, 'project')];
  mkdirSync(tarballs);
  mkdirSync(project);
  await execute(npm, ['pack', '--ignore-scripts', '--pack-destination', tarballs], { cwd: packageFolder() });
  const [tarball] = readdirSync(tarballs);
  const write = (name, text) => writeFileSync(join(project, name), text);
  write('package.json', JSON.stringify({ name: 'an-empty-project', private: true, type: 'module' }));
  // It has no dependency, so no registry is asked.
  await execute(npm, ['install', '--offline', '--no-audit', '--no-fund', join(tarballs, tarball)], {
    cwd: project,
  });
  write('main.js', "import * as clusterclip from 'clusterclip';\nglobalThis.clusterclip = clusterclip;\n");
  write('index.html', html('<script type="module" src="/main.js"></script>'));
  const url = '/node_modules/clusterclip/dist/index.js';
  write(
    'bare.html',
    html(
      `<script type="module">import * as clusterclip from '${url}'; globalThis.clusterclip = clusterclip;</script>`,
    ),
  );
  return project;
}

/** `vite build`, with no settings. */
export const build = (project) => execute(process.execPath, [vite, 'build'], { cwd: project });

/** `vite` or `vite preview`: `{ origin, close }` when it listens. */
export async function start(project, ...args) {
  const words = [vite, ...args, '--host', '127.0.0.1', '--port', '0'];
  const server = spawn(process.execPath, words, { cwd: project, env: { ...process.env, NO_COLOR: '1' } });
  const close = () => server.kill();
  let said = '';
  const origin = await new Promise((listens, failed) => {
    const hear = (bytes) => {
      said += bytes;
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (url) listens(url[0]);
    };
    server.stdout.on('data', hear);
    server.stderr.on('data', hear);
    server.once('exit', () => failed(new Error(`vite ${args.join(' ')} ended: ${said}`)));
  });
  return { origin, close };
}
