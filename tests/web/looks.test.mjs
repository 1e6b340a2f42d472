// How the page looks and feels: screenshots to look at, contrast and labels, no jumps, no mouse needed.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import axe from 'axe-core';

import { artifacts } from './lib/places.mjs';
import { stage } from './lib/stage.mjs';

/** What the map looks like once it is another picture than `before`; how long that takes depends on the machine. */
async function redrawn(visit, before) {
  const deadline = Date.now() + 20_000;
  let now = await pixels(visit);
  while (now === before && Date.now() < deadline) {
    await visit.page.waitForTimeout(50);
    now = await pixels(visit);
  }
  return now;
}

const SIZES = [
  { width: 360, height: 800 },
  { width: 1280, height: 900 },
  { width: 2560, height: 1440 },
];

/** What web.dev calls good; 0 is what we aim at. */
const MOST_SHIFT = 0.1;

const set = stage({ webgpu: false });

/** Runs the built-in example by its one click. */
async function example(visit) {
  await visit.hook('example').click();
  await visit.until('download-order', 'enabled');
  await visit.idle();
  assert.equal(await visit.words('error'), '');
  assert.ok((await visit.hook('clusters-table').locator('tbody tr').count()) > 3, 'the table shows clusters');
}

/** Fails if axe-core finds what is serious or critical. */
async function accessible(visit, when) {
  await visit.page.evaluate(axe.source);
  const { violations } = await visit.page.evaluate(() => globalThis.axe.run());
  const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const said = bad.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`,
  );
  assert.deepEqual(said, [], `axe-core, ${when}`);
}

/** Fails if anything reaches past the right edge, or jumped. */
async function steady(visit, when) {
  const { wide, seen } = await visit.page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    seen: document.documentElement.clientWidth,
  }));
  assert.ok(wide <= seen, `${when}: the page is ${wide} px wide on ${seen} px`);
  const { sum, moved } = await visit.shifts();
  assert.ok(sum < MOST_SHIFT, `${when}: layout shifts of ${sum.toFixed(3)} in sum\n${moved.join('\n')}`);
}

for (const { width, height } of SIZES) {
  for (const colorScheme of ['light', 'dark']) {
    test(`${width} x ${height}, ${colorScheme}: one click on the example shows the whole thing`, async (context) => {
      const visit = await set.visit({ viewport: { width, height }, colorScheme });
      const shot = (what) => join(artifacts(), `${width}x${height}-${colorScheme}-${what}.png`);
      await accessible(visit, 'at load');
      await steady(visit, 'at load');
      await visit.page.screenshot({ path: shot('first') });

      await example(visit);
      await accessible(visit, 'after a run');
      await steady(visit, 'after a run');
      context.diagnostic(`layout shifts ${(await visit.shifts()).sum.toFixed(4)}`);
      await visit.page.screenshot({ path: shot('after') });
      await visit.page.screenshot({ path: shot('after-whole'), fullPage: true });
      await visit.close();
    });
  }
}

/** What is drawn on the map, without the words around it. */
const pixels = (visit) =>
  visit.page.evaluate(() => document.querySelector('[data-testid="map"] canvas').toDataURL());

describe('by keyboard alone', () => {
  /** Presses Tab until the focus is where it is wanted. */
  async function tabTo(visit, wanted) {
    for (let presses = 0; presses < 150; presses++) {
      await visit.page.keyboard.press('Tab');
      if (await visit.page.evaluate((selector) => document.activeElement?.matches(selector), wanted)) return;
    }
    assert.fail(`150 presses of Tab do not lead to ${wanted}`);
  }

  /** Whether the element with the focus, or what is drawn over it, is marked by an outline or a shadow. */
  const marked = (visit) =>
    visit.page.evaluate(() =>
      [undefined, '::before', '::after'].some((part) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement, part);
        return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
      }),
    );

  test('the example is run, a cluster selected, the map moved', async () => {
    const visit = await set.visit();
    await tabTo(visit, '[data-testid="example"]');
    assert.ok(await marked(visit), 'the focus is seen on the button');
    await visit.page.keyboard.press('Enter');
    await visit.until('download-order', 'enabled');
    await visit.idle();

    const row = '[data-testid="clusters-table"] tbody tr';
    await tabTo(visit, `${row}, ${row} *`);
    assert.ok(await marked(visit), 'the focus is seen in the table');
    await visit.page.keyboard.press('Enter');
    const chosen = visit.page.locator(`${row}[aria-selected="true"], ${row}:has([aria-pressed="true"])`);
    assert.equal(await chosen.count(), 1, 'one row is selected');

    await visit.hook('map').scrollIntoViewIfNeeded();
    const map = '[data-testid="map"]';
    await visit.page.evaluate(() => document.activeElement?.blur());
    await tabTo(visit, `${map} canvas`);
    const before = await pixels(visit);
    await visit.page.keyboard.press('+');
    await visit.page.keyboard.press('ArrowLeft');
    assert.notEqual(await redrawn(visit, before), before, 'keys zoom and move the map');
    await visit.close();
  });
});

describe('the map', () => {
  test('hovering shows a text, a click selects a cluster, the wheel zooms, a search highlights', async () => {
    const visit = await set.visit();
    await example(visit);
    const map = visit.hook('map');
    await map.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await map.boundingBox();
    const { mouse } = visit.page;

    const picture = await pixels(visit);
    await visit.hook('search').fill('the');
    assert.notEqual(await redrawn(visit, picture), picture, 'a search changes the map');
    await visit.hook('search').fill('');
    await visit.page.waitForTimeout(800);

    const before = await visit.words();
    let hovered = false;
    for (let step = 1; step < 400 && !hovered; step++) {
      // A walk over the map that comes near every place.
      const [across, down] = [(step * 0.618) % 1, (step * 0.755) % 1];
      await mouse.move(x + width * (0.1 + 0.8 * across), y + height * (0.1 + 0.8 * down));
      await visit.page.waitForTimeout(40);
      hovered = (await map.locator('.card:visible').count()) > 0;
    }
    await visit.page.waitForTimeout(400);
    assert.ok(hovered, 'a document under the mouse shows itself');
    const words = await map.locator('.card').textContent();
    assert.ok(words.length > 20, `the text of the document: ${words}`);
    assert.notEqual(await visit.words(), before);

    await mouse.down();
    await mouse.up();
    const row = '[data-testid="clusters-table"] tbody tr';
    const chosen = visit.page.locator(`${row}[aria-selected="true"], ${row}:has([aria-pressed="true"])`);
    assert.equal(await chosen.count(), 1, 'a click selects the cluster');

    const still = await map.screenshot();
    await mouse.wheel(0, -400);
    await visit.page.waitForTimeout(300);
    assert.notDeepEqual(await map.screenshot(), still, 'the wheel zooms');
    await visit.close();
  });
});
