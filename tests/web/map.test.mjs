// The map under fingers, and at its edge.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { stage } from './lib/stage.mjs';

const set = stage({ webgpu: false });

/** A visit that has run the example and shows the map. */
async function mapped(options) {
  const visit = await set.visit(options);
  await visit.hook('example').click();
  await visit.until('download-order', 'enabled');
  await visit.idle();
  // Clear of the line of status, which stays at the top.
  await visit
    .hook('map')
    .locator('canvas')
    .evaluate((canvas) => canvas.scrollIntoView({ block: 'center' }));
  return visit;
}

/** Waits until what was asked for is drawn: two frames. */
const drawn = (visit) =>
  visit.page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
  );

/** What is drawn on the map. */
async function picture(visit) {
  await drawn(visit);
  return visit
    .hook('map')
    .locator('canvas')
    .evaluate((canvas) => canvas.toDataURL());
}

/** Keys that pan, and the edge of the map to which they move what is in its middle: a box of a canvas. */
const EDGES = {
  ArrowLeft: ({ width, height }) => [width - 1, 0, 1, height],
  ArrowRight: ({ height }) => [0, 0, 1, height],
  ArrowUp: ({ width, height }) => [0, height - 1, width, 1],
  ArrowDown: ({ width }) => [0, 0, width, 1],
};

test('points at the edge are seen as far as they reach into the map', async () => {
  const visit = await mapped();
  const canvas = visit.hook('map').locator('canvas');
  const size = await canvas.evaluate(({ width, height }) => ({ width, height }));
  for (const [key, edge] of Object.entries(EDGES)) {
    await visit.hook('map').getByRole('button', { name: 'Reset' }).click();
    await canvas.focus();
    let covered = 0;
    for (let presses = 0; presses < 12; presses++) {
      await visit.page.keyboard.press(key);
      await drawn(visit);
      covered += await canvas.evaluate((canvas, box) => {
        const { data } = canvas.getContext('2d').getImageData(...box);
        return data.filter((value, at) => at % 4 === 3 && value > 0).length;
      }, edge(size));
    }
    assert.ok(covered > 0, `${key}: no pixel of the edge is ever covered`);
  }
  await visit.close();
});

describe('under fingers', () => {
  let [visit, touch, middle] = [];

  before(async () => {
    visit = await mapped({ viewport: { width: 400, height: 800 }, hasTouch: true, isMobile: true });
    const session = await visit.context.newCDPSession(visit.page);
    touch = (type, ...points) =>
      session.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: points.map(([x, y], id) => ({ x, y, id })),
      });
    middle = async () => {
      const { x, y, width, height } = await visit.hook('map').locator('canvas').boundingBox();
      return [x + width / 2, y + height / 2];
    };
  });

  /** Shows the whole map. */
  const reset = async () => {
    await visit.hook('map').locator('canvas').focus();
    await visit.page.keyboard.press('0');
  };

  /** Where the page is, once it has come to rest for some frames. */
  const scrolled = () =>
    visit.page.evaluate(async () => {
      let last = Number.NaN;
      for (let still = 0; still < 15; still++) {
        await new Promise(requestAnimationFrame);
        if (globalThis.scrollY !== last) still = 0;
        last = globalThis.scrollY;
      }
      return last;
    });

  test('one finger scrolls the page and leaves the map as it is', async () => {
    const before = [await picture(visit), await scrolled()];
    const [x, y] = await middle();
    await touch('touchStart', [x, y]);
    for (let step = 1; step <= 10; step++) await touch('touchMove', [x, y - 10 * step]);
    await touch('touchEnd');
    const now = await scrolled();
    assert.ok(now > before[1] + 30, `from ${before[1]} to ${now}`);
    assert.equal(await picture(visit), before[0]);
  });

  test('two fingers move the map and leave the page where it is', async () => {
    const [x, y] = await middle();
    const before = [await picture(visit), await scrolled()];
    await touch('touchStart', [x - 40, y]);
    await touch('touchStart', [x - 40, y], [x + 40, y]);
    for (let step = 1; step <= 10; step++) {
      await touch('touchMove', [x - 40, y - 6 * step], [x + 40, y - 6 * step]);
    }
    await touch('touchEnd');
    const moved = await picture(visit);
    assert.notEqual(moved, before[0], 'the map is moved');
    assert.equal(await scrolled(), before[1], 'the page is not');
    await reset();
    assert.equal(await picture(visit), before[0], 'and not zoomed for good');
  });

  test('two fingers that part zoom the map', async () => {
    const [x, y] = await middle();
    const before = [await picture(visit), await scrolled()];
    await touch('touchStart', [x - 20, y]);
    await touch('touchStart', [x - 20, y], [x + 20, y]);
    for (let step = 1; step <= 10; step++)
      await touch('touchMove', [x - 20 - 8 * step, y], [x + 20 + 8 * step, y]);
    await touch('touchEnd');
    assert.notEqual(await picture(visit), before[0]);
    const scale = await visit.page.evaluate(() => globalThis.visualViewport.scale);
    assert.deepEqual([await scrolled(), scale], [before[1], 1], 'the page is neither scrolled nor zoomed');
  });

  test('a tap selects a cluster', async () => {
    await reset();
    await drawn(visit);
    const at = await visit
      .hook('map')
      .locator('canvas')
      .evaluate((canvas) => {
        const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const pixel = data.findIndex((value, at) => at % 4 === 3 && value === 255) >> 2;
        const ratio = canvas.width / canvas.clientWidth;
        return [(pixel % width) / ratio, Math.floor(pixel / width) / ratio];
      });
    const { x, y } = await visit.hook('map').locator('canvas').boundingBox();
    await visit.page.touchscreen.tap(x + at[0], y + at[1]);
    await visit.page.locator('[data-testid="clusters-table"] [aria-pressed="true"]').waitFor();
    await visit.close();
  });
});
