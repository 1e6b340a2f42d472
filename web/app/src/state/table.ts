import type { StaticTable } from 'clusterclip';
import { embedder, tableFiles, tableName } from './options';
import { type Slow, worker } from './work';

let loaded: { name: string; table: StaticTable } | undefined;

/** The static table that is chosen, loaded; nothing for the lexical embedder. */
export async function chosenTable(slow: Slow): Promise<StaticTable | undefined> {
  if (embedder.value === 'lexical') return undefined;
  const name = tableName.value;
  if (loaded?.name === name) return loaded.table;
  if (name === '') {
    throw new Error('Choose the files of a static table: tokenizer.json, model.safetensors and config.json.');
  }
  await loaded?.table.destroy();
  loaded = undefined;
  const table = await (await worker()).table(tableFiles.value, slow);
  loaded = { name, table };
  return table;
}

/** Forgets the table: it is loaded again when it is next wanted. */
export function forgetTable(): void {
  loaded = undefined;
}
