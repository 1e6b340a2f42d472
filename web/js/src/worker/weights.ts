import type * as core from '../../wasm/core.js';
import { InputError } from '../errors.js';
import type { ClusterWeight } from '../options.js';
import { freeing } from './freeing.js';
import { read } from './read.js';
import type { CallWatch } from './watch.js';

/** The fields of a list of weights; the clip may be left out. */
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
  const fields = { textless: true, idField: CLUSTER, scoreField: WEIGHT, tokenField: CLIP };
  try {
    const { documents, embeddings } = await read(module, input, { name, format: 'auto', ...fields }, watch);
    if (documents) return rowsOf(documents, name);
    embeddings?.free();
  } catch (error) {
    throw ofWeights(error);
  }
  throw new InputError(`${name}: an array has no columns; a list of weights has cluster and weight`, 'input');
}

/** What reading says is said of documents: here nothing can be left out, and fields have no options. */
function ofWeights(error: unknown): unknown {
  if (!(error instanceof InputError)) return error;
  const message = error.message
    .replace(/ \((?:scoreField|tokenField|idField)\)/g, '')
    .replace(/, or null for a record without a score/, '')
    .replace(/[;,] (?:or )?leave such records out with onBadRecord skip/, '');
  return new InputError(message, error.kind, { cause: error });
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
