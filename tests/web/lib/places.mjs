// Where everything is: `cargo xtask test` says it. Nothing is skipped where something is missing.

import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What Chromium is called, best known first. */
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** The program `clusterclip`. */
export const cli = () => told('CLUSTERCLIP_CLI', 'the program `clusterclip`');

/** The folder of the built page. */
export const appFolder = () => told('CLUSTERCLIP_PAGE', 'the folder of the built page', 'index.html');

/** The folder of the npm package, built. */
export const packageFolder = () =>
  told('CLUSTERCLIP_PACKAGE', 'the folder of the built npm package', 'dist/index.js');

/** The folder of small published models. */
export const models = () => told('CLUSTERCLIP_MODELS', 'the folder of models', 'wordllama');

/** The browser to test in. */
export function chromium() {
  if (process.env.CLUSTERCLIP_CHROMIUM) return told('CLUSTERCLIP_CHROMIUM', 'Chromium or Chrome');
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = BROWSERS.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
  if (found) return found;
  throw new Error('no Chromium on the path: run `cargo xtask setup`, or name one in CLUSTERCLIP_CHROMIUM');
}

/** A folder for what a person should look at. */
export function artifacts() {
  const folder = resolve(process.env.CLUSTERCLIP_ARTIFACTS ?? join(ROOT, 'target/web-screenshots'));
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A folder that is gone when the tests of this file have ended. */
export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), 'clusterclip-web-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function told(variable, what, inside = '.') {
  const path = process.env[variable];
  const advice = `run \`cargo xtask test\`, which builds it and sets ${variable}`;
  if (!path) throw new Error(`${variable} is not set: it names ${what}; ${advice}`);
  if (!existsSync(join(path, inside === '.' ? '' : inside))) {
    throw new Error(`${variable}=${path}: ${what} is not there (no ${inside}); ${advice}`);
  }
  return resolve(path);
}
