// The page as a person meets it: its controls by their hooks, drops, runs, downloads.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { Watch } from './watch.mjs';

/** What can be downloaded. */
export const DOWNLOADS = ['embeddings', 'labels', 'centroids', 'order', 'assignments', 'documents'];

/** The longest that a step of the tests may take: the machines are slow, and the software adapter slower. */
const PATIENCE = 60_000;

/**
 * Opens the page.
 *
 * @param browser from `launch`.
 * @param url where it is served.
 * @param options of the browser context: `viewport`, `colorScheme`.
 */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ acceptDownloads: true, reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(PATIENCE);
  const watch = new Watch(context, new URL(url).origin);
  const page = await context.newPage();
  await page.addInitScript(observeShifts);
  await page.goto(url);
  const visit = new Visit(page, context, watch);
  await visit.until('example', 'enabled');
  return visit;
}

/** One visit to the page. */
export class Visit {
  /** When the last download began. */
  #downloaded = Number.NEGATIVE_INFINITY;

  constructor(page, context, watch) {
    this.page = page;
    this.context = context;
    this.watch = watch;
  }

  /** A control or a part, by its hook. */
  hook(name) {
    return this.page.getByTestId(name);
  }

  /** The words of a part, or of the whole page, as far as they are shown. */
  async words(name) {
    const part = name ? this.hook(name) : this.page.locator('body');
    // biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not said.
    return (await part.innerText()).trim();
  }

  /** Waits until a control is `enabled` or `disabled`. */
  async until(name, state) {
    const wanted = state === 'enabled' ? ':enabled' : ':disabled';
    await this.page.locator(`[data-testid="${name}"]${wanted}`).waitFor();
  }

  /** All words of the page, those in closed notes too. */
  everything() {
    return this.page.locator('body').textContent();
  }

  /** Gives a file to the page by its file control and waits until it is read or refused. */
  async give(path) {
    await this.hook('file').setInputFiles(path);
    await this.#taken(path);
  }

  /** Drops a file on a place of the page, as a hand does. */
  async drop(path, place) {
    await this.dropAll([path], place);
    await this.#taken(path);
  }

  /** Drops files together, and waits for nothing. */
  async dropAll(paths, place) {
    const under = this.page.locator(place);
    await under.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await under.boundingBox();
    const session = await this.context.newCDPSession(this.page);
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop']) {
      await session.send('Input.dispatchDragEvent', { type, x: x + width / 2, y: y + height / 2, data });
    }
    await session.detach();
  }

  async #taken(path) {
    await this.hook('summary').getByText(basename(path)).waitFor();
    await this.idle();
  }

  /** Sets options by their hooks; `null` empties a field. */
  async set(options) {
    for (const [name, value] of Object.entries(options)) {
      const control = this.hook(name);
      const tag = await control.evaluate(({ tagName, type }) => (tagName === 'SELECT' ? tagName : type));
      if (tag === 'SELECT') await control.selectOption(value);
      else if (tag === 'checkbox') await control.setChecked(value);
      else {
        await control.fill(value === null ? '' : String(value));
        await control.blur();
      }
    }
    await this.idle();
  }

  /** Waits until nothing is going on: there is nothing to cancel. */
  async idle() {
    // What was asked for begins in the next task of the page, if it does.
    await this.page.waitForTimeout(50);
    await this.until('cancel', 'disabled');
    await this.page.locator('[data-testid="exposure"][aria-busy="false"]').waitFor();
  }

  /** Runs and waits for the end; fails if the page says that anything is wrong. */
  async run() {
    await this.hook('run').click();
    await this.idle();
    assert.equal(await this.words('error'), '', 'a run ends without an error');
    await this.until('download-labels', 'enabled');
  }

  /** The bytes of the file that a button gives. */
  async download(name) {
    await this.until(`download-${name}`, 'enabled');
    // Chromium drops what is more than ten downloads a second.
    await this.page.waitForTimeout(Math.max(0, this.#downloaded + 120 - performance.now()));
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      this.hook(`download-${name}`).click(),
    ]);
    this.#downloaded = performance.now();
    return readFile(await download.path());
  }

  /** Which of the downloads can be had. */
  async downloads() {
    const open = await Promise.all(DOWNLOADS.map((name) => this.hook(`download-${name}`).isEnabled()));
    return DOWNLOADS.filter((_, at) => open[at]);
  }

  /** The sum of layout shifts without input so far, and what moved. */
  shifts() {
    return this.page.evaluate(() => globalThis.layoutShifts);
  }

  /** Ends the visit; fails if the page left its origin or had an error. */
  async close() {
    await this.context.close();
    this.watch.clean();
  }
}

/** Runs in the page, before its own scripts. */
function observeShifts() {
  globalThis.layoutShifts = { sum: 0, moved: [] };
  const name = (node) => node?.dataset?.testid ?? node?.className ?? node?.nodeName ?? 'a node that is gone';
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (hadRecentInput) continue;
      globalThis.layoutShifts.sum += value;
      globalThis.layoutShifts.moved.push(
        `${value.toFixed(4)}: ${sources.map(({ node }) => name(node)).join(', ')}`,
      );
    }
  }).observe({ type: 'layout-shift', buffered: true });
}
