// Where the page may be put, and that it speaks to nobody else from there.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch } from './lib/browser.mjs';
import { open } from './lib/page.mjs';
import { appFolder, scratch } from './lib/places.mjs';
import { serve } from './lib/server.mjs';
import { Watch } from './lib/watch.mjs';

const blank = scratch();
const met = [];
let [browser, server, stranger] = [];
before(async () => {
  writeFileSync(
    join(blank, 'index.html'),
    '<!doctype html><link rel="icon" href="data:,"><title>blank</title>',
  );
  browser = await launch({ webgpu: true });
  server = await serve({ '/some/where/': appFolder(), '/blank/': blank });
  stranger = createServer((request, response) => {
    met.push(request.url);
    response.writeHead(200, { 'access-control-allow-origin': '*' }).end();
  });
  await new Promise((done) => stranger.listen(0, '127.0.0.1', done));
});
after(async () => {
  await browser?.close();
  await server?.close();
  stranger?.closeAllConnections();
  stranger?.close();
});

const elsewhere = () => `http://127.0.0.1:${stranger.address().port}/`;

/** Runs the example. */
async function example(visit) {
  await visit.hook('example').click();
  await visit.until('download-order', 'enabled');
  await visit.idle();
  assert.equal(await visit.words('error'), '');
}

/** Asks for another origin in the page or in a worker of it. */
const ask = (scope, url) =>
  scope.evaluate(
    (url) =>
      fetch(url).then(
        () => 'answered',
        () => 'refused',
      ),
    url,
  );

test('the page works from a sub-folder, and takes a software adapter only when asked', async () => {
  const visit = await open(browser, `${server.origin}/some/where/`);
  await example(visit);
  assert.equal(await visit.words('device'), 'CPU', 'auto takes no software adapter');
  await visit.set({ 'device-choice': 'gpu' });
  await visit.run();
  assert.match(await visit.words('device'), /swiftshader/i);
  await visit.close();
});

describe('no request leaves the origin', () => {
  test('the policy forbids it to the page and to its worker', async () => {
    const visit = await open(browser, `${server.origin}/some/where/`);
    await example(visit);
    assert.ok(visit.page.workers().length > 0, 'the work is done by a worker');
    for (const scope of [visit.page, ...visit.page.workers()]) {
      assert.equal(await ask(scope, elsewhere()), 'refused', `in ${scope.url()}`);
    }
    assert.deepEqual(met, [], 'nothing arrived');
    // What was tried here is in the console; that is no fault of the page.
    visit.watch.take();
    await visit.close();
  });

  test('the watch sees requests of a page and of its workers', async () => {
    const context = await browser.newContext();
    const watch = new Watch(context, server.origin);
    const page = await context.newPage();
    await page.goto(`${server.origin}/blank/`);
    watch.clean();
    assert.equal(await ask(page, elsewhere()), 'answered');
    await page.evaluate(
      (url) =>
        new Promise((done) => {
          const code = `fetch('${url}from-worker').finally(() => postMessage(0))`;
          new Worker(URL.createObjectURL(new Blob([code]))).onmessage = done;
        }),
      elsewhere(),
    );
    const seen = watch.take().filter((problem) => problem.includes('another origin'));
    assert.equal(seen.length, 2, seen.join('\n'));
    await context.close();
  });
});

describe('over plain http from a name', () => {
  test('the page works where the browser gives neither WebGPU nor a secure context', async () => {
    const url = `${server.origin.replace('127.0.0.1', 'plain.test')}/some/where/`;
    const visit = await open(browser, url);
    assert.equal(await visit.page.evaluate(() => globalThis.isSecureContext), false);
    await example(visit);
    assert.equal(await visit.words('device'), 'CPU');
    assert.match(await visit.words(), /no WebGPU, so the CPU does the work/);

    await visit.set({ 'device-choice': 'gpu' });
    await visit.hook('run').click();
    await visit.hook('error').getByText('no GPU was found').waitFor();
    assert.notEqual(await visit.words('device'), 'CPU', 'a GPU that was asked for never becomes the CPU');
    await visit.close();
  });
});
