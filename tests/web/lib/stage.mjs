// What most test files need: the page on a server and a browser, from the first visit to the end of the file's tests.

import { after } from 'node:test';

import { launch } from './browser.mjs';
import { open } from './page.mjs';
import { appFolder } from './places.mjs';
import { serve } from './server.mjs';

/**
 * Prepares visits to the page.
 *
 * @param webgpu whether the browser has it.
 * @returns `visit(options)`, which opens the page and gives a `Visit`.
 */
export function stage({ webgpu }) {
  let begun;
  const begin = async () => ({
    server: await serve({ '/': appFolder() }),
    browser: await launch({ webgpu }),
  });
  after(async () => {
    const { browser, server } = (await begun) ?? {};
    await browser?.close();
    await server?.close();
  });
  return {
    async visit(options) {
      begun ??= begin();
      const { server, browser } = await begun;
      return open(browser, `${server.origin}/`, options);
    },
  };
}
