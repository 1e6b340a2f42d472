// What most test files begin with: the page on a server, and a browser, closed again at the end.

import { after, before } from 'node:test';

import { launch } from './browser.mjs';
import { appFolder } from './places.mjs';
import { serve } from './server.mjs';

/**
 * Serves the page and starts a browser before the tests of a file.
 *
 * @param webgpu whether the browser has it.
 * @returns an object that has `browser` and `url` when the tests run.
 */
export function stage({ webgpu }) {
  const set = {};
  let server;
  before(async () => {
    server = await serve({ '/': appFolder() });
    set.url = `${server.origin}/`;
    set.browser = await launch({ webgpu });
  });
  after(async () => {
    await set.browser?.close();
    await server?.close();
  });
  return set;
}
