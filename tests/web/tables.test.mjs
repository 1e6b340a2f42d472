// Static tables: the page and the package embed by them as the command line does, to the byte.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch } from './lib/browser.mjs';
import { sameBytes } from './lib/bytes.mjs';
import { clusterclip, results } from './lib/cli.mjs';
import { corpus, jsonl } from './lib/corpora.mjs';
import { models, packageFolder, scratch } from './lib/places.mjs';
import { serve } from './lib/server.mjs';
import { stage } from './lib/stage.mjs';

const folder = scratch();
const path = join(folder, 'documents.jsonl');
// Without the counts that the documents bring: those of the table's own tokenizer count.
const documents = corpus({ documents: 700 }).map(({ id, text }) => ({ id, text }));
const TOKENS = 20_000;

/** A folder in the layout of the hub, of the files of a package. */
const table = join(folder, 'table');

const wanted = {};
before(async () => {
  mkdirSync(table);
  const files = {
    'tokenizer.json': 'l2_supercat_tokenizer_config.json',
    'model.safetensors': 'l2_supercat_256.safetensors',
  };
  for (const [name, own] of Object.entries(files)) {
    copyFileSync(join(models(), 'wordllama', own), join(table, name));
  }
  writeFileSync(path, jsonl(documents));
  const out = join(folder, 'out');
  await clusterclip('run', path, '--embedder', table, '--out', out, '--clusters', 20, '--tokens', TOKENS);
  Object.assign(wanted, await results(out));
});

describe('in the page', () => {
  const set = stage({ webgpu: false });
  let visit;

  before(async () => {
    visit = await set.visit();
    await visit.give(path);
    await visit.set({ embedder: 'table', clusters: 20 });
  });

  test('files that are missing are named', async () => {
    await visit.hook('run').click();
    await visit.idle();
    assert.match(await visit.words('error'), /tokenizer\.json, model\.safetensors/);
    await visit.hook('table-files').setInputFiles([join(table, 'tokenizer.json')]);
    await visit.hook('run').click();
    await visit.idle();
    assert.match(await visit.words('error'), /model\.safetensors; given were: tokenizer\.json/);
  });

  test('a damaged table is refused', async () => {
    const cut = join(folder, 'cut');
    mkdirSync(cut);
    writeFileSync(
      join(cut, 'model.safetensors'),
      readFileSync(join(table, 'model.safetensors')).subarray(0, 9999),
    );
    const files = [join(table, 'tokenizer.json'), join(cut, 'model.safetensors')];
    await visit.hook('table-files').setInputFiles(files);
    await visit.hook('run').click();
    await visit.idle();
    assert.match(await visit.words('error'), /model\.safetensors/);
  });

  test('page_and_cli_give_the_same_bytes by a table, and by its tokens', async () => {
    const files = ['tokenizer.json', 'model.safetensors'].map((name) => join(table, name));
    await visit.hook('table-files').setInputFiles(files);
    await visit.run();
    await visit.set({ 'budget-kind': 'tokens', budget: TOKENS });
    for (const what of Object.keys(wanted)) sameBytes(await visit.download(what), wanted[what], what);
  });

  test('files of a table that are dropped, under their own names, are taken as chosen', async () => {
    await visit.set({ embedder: 'lexical' });
    const own = ['l2_supercat_tokenizer_config.json', 'l2_supercat_256.safetensors'];
    await visit.dropAll(
      own.map((name) => join(models(), 'wordllama', name)),
      'header',
    );
    await visit.page.waitForFunction(() => document.getElementById('table-files').files.length === 2);
    assert.equal(await visit.hook('embedder').inputValue(), 'table');
    await visit.run();
    sameBytes(await visit.download('embeddings'), wanted.embeddings, 'embeddings');
  });

  test('documents and a table that are dropped together are both taken', async () => {
    await visit.set({ embedder: 'lexical' });
    const other = join(folder, 'others.jsonl');
    writeFileSync(other, jsonl(documents.slice(0, 50)));
    const files = ['tokenizer.json', 'model.safetensors'].map((name) => join(table, name));
    await visit.dropAll([files[0], other, files[1]], 'header');
    await visit.hook('summary').getByText('others.jsonl').waitFor();
    await visit.page.waitForFunction(
      () => document.querySelector('[data-testid="embedder"]').value === 'table',
    );
    await visit.give(path);
    await visit.set({ embedder: 'table' });
  });

  test('a transformer is refused with what to do instead', async () => {
    await visit
      .hook('table-files')
      .setInputFiles(
        ['config.json', 'tokenizer.json', 'model.safetensors'].map((name) => join(models(), 'minilm', name)),
      );
    await visit.hook('run').click();
    await visit.idle();
    assert.match(await visit.words('error'), /this model is a transformer.*on the command line/);
  });

  test('the lexical embedder gives other rows afterwards', async () => {
    await visit.set({ embedder: 'lexical', 'budget-kind': 'epochs', budget: 1 });
    await visit.run();
    assert.notDeepEqual(await visit.download('embeddings'), wanted.embeddings);
  });

  test('all that time the page kept to its origin and had no error', () => visit.close());
});

describe('in the package', () => {
  let server;
  let browser;
  let page;

  before(async () => {
    server = await serve({ '/': packageFolder(), '/table/': table });
    browser = await launch({ webgpu: false });
    page = await browser.newPage();
    await page.goto(`${server.origin}/package.json`);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  test('a table is loaded from the URL of its folder', async () => {
    const labels = await page.evaluate(
      async (texts) => {
        const { Clusterer } = await import('/dist/index.js');
        const clusterer = await Clusterer.create({ device: 'cpu' });
        const table = await clusterer.table('/table');
        const data = await clusterer.texts(texts);
        const { nFeatures } = await data.embed({ table });
        if (nFeatures !== table.nFeatures) throw new Error(`${nFeatures} features`);
        const { labels } = await data.cluster({ clusters: 20 });
        clusterer.destroy();
        return [...labels];
      },
      documents.map(({ text }) => text),
    );
    const bytes = wanted.labels.subarray(wanted.labels.length - 4 * documents.length);
    assert.deepEqual(Buffer.from(Int32Array.from(labels).buffer), bytes);
  });

  test('a table with a step that is not known is refused', async () => {
    const message = await page.evaluate(async () => {
      const { Clusterer } = await import('/dist/index.js');
      const clusterer = await Clusterer.create({ device: 'cpu' });
      const names = ['tokenizer.json', 'model.safetensors'];
      const files = await Promise.all(
        names.map(async (name) => new File([await (await fetch(`/table/${name}`)).blob()], name)),
      );
      const modules = [{ type: 'x.StaticEmbedding' }, { type: 'x.Dense' }];
      files.push(new File([JSON.stringify(modules)], 'modules.json'));
      return clusterer.table(files).catch((error) => `${error.name} ${error.kind}: ${error.message}`);
    });
    assert.match(message, /^InputError input: modules\.json: .*Dense/);
  });

  test('a folder without a table is an error that names the file', async () => {
    const message = await page.evaluate(async () => {
      const { Clusterer } = await import('/dist/index.js');
      const clusterer = await Clusterer.create({ device: 'cpu' });
      return clusterer.table('/nowhere').catch((error) => `${error.name} ${error.kind}: ${error.message}`);
    });
    assert.match(message, /^InputError io: .*\/nowhere\/tokenizer\.json cannot be fetched: 404/);
  });
});
