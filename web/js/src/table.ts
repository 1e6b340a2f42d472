import { InputError, messageOf } from './errors.js';
import type { Slow } from './events.js';
import type { Client } from './worker/client.js';

/** Where the files of a static table are: the files themselves, by their names, or the folder that they lie in. */
export type TableSource = Iterable<File> | URL | string;

/** What is read of a model's folder, and whether it may be absent. */
const FILES = [
  ['config', 'config.json', true],
  ['modules', 'modules.json', true],
  ['tokenizer', 'tokenizer.json', false],
  ['weights', 'model.safetensors', false],
] as const;

/** How the names of files end that stand for others, as on the command line: WordLlama has names of its own. */
const STANDS_FOR: Record<string, string[]> = {
  'tokenizer.json': ['tokenizer.json', '_tokenizer_config.json'],
  'model.safetensors': ['.safetensors'],
};

/** Whether a file can only be one of a model. */
export function isOfModel(name: string): boolean {
  return Object.values(STANDS_FOR).some((ends) => ends.some((end) => name.endsWith(end)));
}

/** The file of this name, else the only one that can stand for it. */
function among(given: File[], name: string): File | undefined {
  const own = given.find((file) => file.name === name);
  const others = given.filter((file) => STANDS_FOR[name]?.some((end) => file.name.endsWith(end)));
  if (!own && others.length > 1) {
    const names = others.map((file) => file.name).join(', ');
    throw new InputError(`several files could be the ${name}: ${names}; give one of them`, 'input');
  }
  return own ?? others[0];
}

/** The files of a static table. */
export type TableFiles = Record<(typeof FILES)[number][0], Blob | undefined>;

/** A static table: a tokenizer and one row a token, such as those of model2vec and WordLlama. It lives in the worker. */
export class StaticTable {
  /** What it is, for a person. */
  readonly description: string;
  /** Features of a row. */
  readonly nFeatures: number;
  /** Its number in the worker, and the life of the worker that holds it. */
  readonly id: number;
  readonly life: number;

  readonly #client: Client;

  /** Made by `Clusterer.table`. */
  constructor(client: Client, held: { id: number; description: string; nFeatures: number }) {
    this.#client = client;
    this.id = held.id;
    this.life = client.life;
    this.description = held.description;
    this.nFeatures = held.nFeatures;
  }

  /** Gives its memory back; it must not be used any more. */
  async destroy(): Promise<void> {
    if (this.#client.life === this.life) await this.#client.call('forgetTable', [this.id]);
  }
}

/** Files that are given, and nothing else. */
function listed(source: Iterable<File>): File[] {
  const given = typeof source?.[Symbol.iterator] === 'function' ? [...source] : undefined;
  if (given?.every((file) => file instanceof Blob && typeof file.name === 'string')) return given;
  throw new InputError('a static table: its files are wanted, or the URL of its folder', 'usage');
}

/** Finds the files of a model's folder. */
export async function filesOf(source: TableSource, { signal }: Slow): Promise<TableFiles> {
  const found: Partial<TableFiles> = {};
  const isFolder = typeof source === 'string' || source instanceof URL;
  const given = isFolder ? [] : listed(source);
  for (const [key, name, isOptional] of FILES) {
    found[key] = isFolder ? await fetched(source, name, isOptional, signal) : among(given, name);
    if (found[key] === undefined && !isOptional) {
      const there = given.map((file) => file.name).join(', ') || 'no file';
      throw new InputError(`a model's folder has a ${name}; given were: ${there}`, 'input');
    }
  }
  return found as TableFiles;
}

async function fetched(
  folder: URL | string,
  name: string,
  isOptional: boolean,
  signal: AbortSignal | undefined,
): Promise<Blob | undefined> {
  const url = within(folder, name);
  let why: string;
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (response.ok) return await response.blob();
    if (isOptional && response.status === 404) return undefined;
    why = `${response.status} ${response.statusText}`;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    why = messageOf(error);
  }
  throw new InputError(`${url} cannot be fetched: ${why}`, 'io');
}

/** The URL of a file in a folder. */
function within(folder: URL | string, name: string): string {
  try {
    const base = new URL(folder, globalThis.location?.href).href.replace(/\/?$/, '/');
    return new URL(name, base).href;
  } catch {
    throw new InputError(`${folder} is not the URL of a folder`, 'usage');
  }
}
