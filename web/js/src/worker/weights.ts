import type * as core from '../../wasm/core.js';
import { InputError } from '../errors.js';
import type { ClusterWeight } from '../options.js';
import { freeing } from './freeing.js';
import { read } from './read.js';
import type { CallWatch } from './watch.js';

/** The fields of a list of weights; the clip is one that it may have. */
const [CLUSTER, WEIGHT, CLIP] = ['cluster', 'weight', 'clip'];

/**
 * Reads a list of weights, a record a cluster, as documents are read: the cluster is the id, the weight the score, the
 * clip the count of tokens.
 */
export async function readWeights(
  module: typeof core,
  input: Blob,
  name: string,
  watch: CallWatch,
): Promise<ClusterWeight[]> {
  const taken = { name, format: 'auto', textless: true, idField: CLUSTER, scoreField: WEIGHT } as const;
  const found = async (more: object) => {
    const { documents } = await read(module, input, { ...taken, ...more }, watch);
    if (documents) return documents;
    throw new InputError(
      `${name}: an array has no columns; a list of weights has cluster and weight`,
      'input',
    );
  };
  const first = await found({});
  const hasClips = JSON.parse(first.summary()).fields.includes(CLIP);
  if (!hasClips) return rowsOf(first, name);
  first.free();
  return rowsOf(await found({ tokenField: CLIP }), name);
}

function rowsOf(documents: core.Documents, name: string): ClusterWeight[] {
  return freeing(documents, () => {
    const [weights, clips] = [documents.scores(), documents.tokens()];
    return Array.from(weights, (weight, row) => {
      const [cluster, clip] = [documents.id(row), clips[row] as number];
      const wrong = (what: string) => new InputError(`${name}: row ${row}: ${what}`, 'input');
      if (!/^\d+(\.0*)?$/.test(cluster)) {
        throw wrong(`${JSON.stringify(cluster)} is no cluster: these are numbered from 0`);
      }
      if (Number.isNaN(weight)) throw wrong(`cluster ${cluster} has no weight; 0 leaves it out`);
      return { cluster: Number(cluster), weight, clip: Number.isNaN(clip) ? null : clip };
    });
  });
}
