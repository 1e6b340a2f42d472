import type * as core from '../../wasm/core.js';
import type * as module from '../../wasm/models.js';
import { InputError, InternalError, messageOf, toFailure } from '../errors.js';
import type { TableFiles } from '../table.js';
import { freeing } from './freeing.js';
import type { CallWatch } from './watch.js';

/** What became of documents. */
export interface TableRows {
  rows: Float32Array;
  featureless: Uint8Array;
  tokens: Float64Array;
}

/** The static tables of this worker, in a module of their own that is loaded with the first of them. */
export class ModelRoom {
  readonly #tables = new Map<number, module.StaticTable>();
  #module: typeof module | undefined;
  #next = 1;

  constructor(readonly source: string | undefined) {}

  /** Reads a table. */
  async load(watch: CallWatch, files: TableFiles) {
    const bytes = async (part: keyof TableFiles) => {
      try {
        const file = files[part];
        return file && new Uint8Array(await file.arrayBuffer());
      } catch (error) {
        throw new InputError(`the ${part} of the model cannot be read: ${messageOf(error)}`, 'io');
      }
    };
    const [config, modules, tokenizer, weights] = await Promise.all([
      bytes('config'),
      bytes('modules'),
      bytes('tokenizer'),
      bytes('weights'),
    ]);
    watch.check();
    this.#module ??= await load(this.source);
    const { StaticTable } = this.#module;
    const nothing = new Uint8Array();
    const table = this.#guarded(
      () => new StaticTable(config, modules, tokenizer ?? nothing, weights ?? nothing, watch),
    );
    const id = this.#next++;
    this.#tables.set(id, table);
    return { id, description: table.description(), nFeatures: table.nFeatures };
  }

  /** Embeds documents that lie in the memory of the other module. */
  embed(watch: CallWatch, id: number, documents: core.Documents): TableRows {
    const table = this.#tables.get(id);
    if (!table) throw new InputError('this static table was destroyed', 'usage');
    const { length, skipped } = documents;
    const found = this.#guarded(() => table.embed(documents, length, skipped, watch));
    return freeing(found, () => ({
      rows: found.rows(),
      featureless: found.featureless(),
      tokens: found.tokens(),
    }));
  }

  forget(id: number): void {
    this.#tables.get(id)?.free();
    this.#tables.delete(id);
  }

  /** Works with the module. After a panic its tables are gone; the documents lie in another memory, and stay. */
  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      if (!(thrown instanceof WebAssembly.RuntimeError)) throw thrown;
      const { message } = toFailure(thrown, () => this.#module?.takePanic());
      this.#module = undefined;
      this.#tables.clear();
      throw new InternalError(message);
    }
  }
}

async function load(source: string | undefined): Promise<typeof module> {
  try {
    const glue = await import('../../wasm/models.js');
    await glue.default({ module_or_path: source ?? new URL('../../wasm/models_bg.wasm', import.meta.url) });
    return glue;
  } catch (error) {
    throw new InternalError(`the module for models cannot be loaded: ${(error as Error).message}`);
  }
}
