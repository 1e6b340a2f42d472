// The command line, whose bytes the page and the package must give too.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { cli } from './places.mjs';

const execute = promisify(execFile);

/** The strategies. */
export const STRATEGIES = ['cluster-clip', 'uniform', 'unimax', 'random', 'g2s', 's2g'];

/** Runs the program on the CPU; fails with what it said. */
export async function clusterclip(...args) {
  const wanted = args.map(String);
  if (wanted[0] === 'run' || wanted[0] === 'cluster') wanted.push('--device', 'cpu');
  await execute(cli(), [...wanted, '--quiet']).catch((error) => {
    throw new Error(`clusterclip ${wanted.join(' ')}\n${error.stderr || error.message}`);
  });
}

/** The files of a run: `{ embeddings, labels, centroids, order }` as bytes. */
export async function results(folder) {
  const names = ['embeddings', 'labels', 'centroids', 'order'];
  const files = await Promise.all(names.map((name) => readFile(join(folder, `${name}.npy`))));
  return Object.fromEntries(names.map((name, at) => [name, files[at]]));
}
