import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as own from '../dist/index.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const here = join(root, 'web/js');
const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
const npm = (args, cwd) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });

let folder;
let packed;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'clusterclip-'));
  [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], here));
});

after(() => rmSync(folder, { recursive: true, force: true }));

test('the_version_is_that_of_the_crates', () => {
  const [, version] = /^version = "(.+)"$/m.exec(readFileSync(join(root, 'Cargo.toml'), 'utf8'));
  assert.equal(manifest.version, version);
});

test('the_licences_are_those_of_the_project', () => {
  for (const name of ['LICENSE-APACHE', 'LICENSE-MIT']) {
    assert.equal(readFileSync(join(here, name), 'utf8'), readFileSync(join(root, name), 'utf8'));
  }
});

test('what_is_built_in_has_its_licences_beside_it', () => {
  const notices = readFileSync(join(here, 'THIRD-PARTY.txt'), 'utf8');
  for (const name of ['hyparquet', 'hyparquet-compressors', 'fzstd']) {
    const licence = readFileSync(join(root, 'web/node_modules', name, 'LICENSE'), 'utf8');
    assert.ok(notices.includes(licence.trim()), name);
  }
});

test('nothing_is_needed_at_run_time', () => {
  assert.equal(manifest.dependencies, undefined);
  assert.equal(manifest.peerDependencies, undefined);
  for (const { path } of packed.files.filter(({ path }) => path.endsWith('.js'))) {
    const code = readFileSync(join(here, path), 'utf8');
    for (const [, name] of code.matchAll(/^(?:import|export)\b[^;'"]*?\bfrom ['"]([^'"]+)['"]/gm)) {
      assert.match(name, /^\.{1,2}\//, `${path} names ${name}`);
    }
  }
});

test('the_package_holds_what_it_needs_and_no_more', () => {
  const files = packed.files.map(({ path }) => path);
  for (const needed of [
    'LICENSE-APACHE',
    'LICENSE-MIT',
    'README.md',
    'THIRD-PARTY.txt',
    'dist/index.d.ts',
    'dist/index.js',
    'dist/worker/main.js',
    'wasm/core.js',
    'wasm/core_bg.wasm',
    'wasm/gpu.js',
    'wasm/gpu_bg.wasm',
  ]) {
    assert.ok(files.includes(needed), needed);
  }
  const known =
    /^(LICENSE-\w+|README\.md|THIRD-PARTY\.txt|package\.json|(dist|wasm)\/[\w/]+(\.d\.ts|\.js|\.wasm))$/;
  assert.deepEqual(
    files.filter((file) => !known.test(file)),
    [],
  );
});

test('what_is_packed_works_in_node_as_the_readme_says', () => {
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  npm(['install', '--no-audit', '--no-fund', '--offline', `./${packed.filename}`], folder);
  const readme = readFileSync(join(folder, 'node_modules/clusterclip/README.md'), 'utf8');
  const [, script] = /## In Node\.js.*?```js\n(.*?)```/s.exec(readme);
  writeFileSync(join(folder, 'example.js'), script);
  const said = execFileSync(process.execPath, ['example.js'], { cwd: folder, encoding: 'utf8' });
  const promised = Array.from(
    script.matchAll(/^console\.log.*?\/\/ (.*?)(?:: .*[a-z])?$/gm),
    ([, text]) => text,
  );
  assert.equal(promised.length, 3);
  assert.deepEqual(said.trim().split('\n'), promised);
});

test('the_types_hold_in_a_strict_project', () => {
  const source = `
    import { Clusterer, type Draw, readNpy, Sampler } from 'clusterclip';
    const clusterer = await Clusterer.create({ device: 'auto' });
    const embeddings = await readNpy(new Uint8Array());
    const { labels, objective } = await clusterer.run(embeddings, { clusters: 3, seed: 3n });
    for (const draw of await Sampler.create({ labels })) ((_: Draw) => objective + 1n)(draw);
    // @ts-expect-error: a misspelt option
    await Sampler.create({ labels, clips: 3 });
    // @ts-expect-error: one of the two
    await Sampler.create({ labels, sizes: [1] });
  `;
  writeFileSync(join(folder, 'use.ts'), source);
  const tsc = join(root, 'web/node_modules/typescript/bin/tsc');
  const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022'];
  const libraries = ['--lib', 'es2022,dom', '--module', 'nodenext', 'use.ts'];
  execFileSync(process.execPath, [tsc, ...strict, ...libraries], { cwd: folder, stdio: 'inherit' });
});

test('without_web_workers_a_clusterer_says_what_works', async () => {
  await assert.rejects(own.Clusterer.create({ device: 'cpu' }), (error) => {
    return (
      error instanceof own.ClusterclipError && /Sampler, readNpy and writeNpy need none/.test(error.message)
    );
  });
});

test('wasm_that_lies_elsewhere_is_taken_and_where_it_cannot_be_loaded_that_is_told', () => {
  // A process each: the module is loaded once.
  for (const call of [
    'Sampler.create({ sizes: [1], coreWasm })',
    'readNpy(bytes, { coreWasm })',
    'writeNpy(bytes, [1], { coreWasm })',
  ]) {
    const script = `
      import { readNpy, Sampler, writeNpy } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
      const bytes = new Uint8Array(1);
      let coreWasm = new URL('file:///nowhere/core.wasm');
      console.log(await ${call}.catch((error) => error.name + ': ' + error.message));
      coreWasm = ${JSON.stringify(new URL('../wasm/core_bg.wasm', import.meta.url).href)};
      console.log(await ${call}.then(() => 'done', (error) => error.name));
    `;
    const args = ['--input-type=module', '--eval', script];
    const said = execFileSync(process.execPath, args, { encoding: 'utf8' });
    assert.match(said, /^InternalError: the wasm module cannot be loaded: ENOENT.*core\.wasm/, call);
    // One byte is no .npy: the core was there to say so.
    assert.match(said, call.startsWith('readNpy') ? /\nInputError\n$/ : /\ndone\n$/, call);
  }
});
