/**
 * What a person does to the map, in pixels of the page from its upper left corner. One finger is not among it but for
 * taps: it scrolls the page.
 */
export interface Hands {
  pan(dx: number, dy: number): void;
  zoom(factor: number, x: number, y: number): void;
  point(x: number, y: number): void;
  leave(): void;
  click(x: number, y: number): void;
  escape(): void;
  reset(): void;
}

/** Pixels that a hand may shake in a click. */
const SHAKE = 4;

/** Pixels that an arrow key pans, and by how much a key zooms. */
const STEP = 48;
const KEY_ZOOM = 1.4;

/** Pixels of what a wheel counts: pixels, lines, pages. */
const UNITS = [1, 16, 400];

/** Listens to mouse, pen, fingers and keys; gives a function that ends it. */
export function listen(canvas: HTMLCanvasElement, hands: Hands): () => void {
  const ended = new AbortController();
  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    hear: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ) => canvas.addEventListener(type, hear, { ...options, signal: ended.signal });
  const down = new Map<number, { x: number; y: number }>();
  let moved = 0;

  on('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    if (down.size === 0) moved = 0;
    down.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  });
  on('pointermove', (event) => {
    const before = down.get(event.pointerId);
    const now = { x: event.offsetX, y: event.offsetY };
    if (!before) {
      hands.point(now.x, now.y);
      return;
    }
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    if (other) {
      // Events tell of one finger at a time: the middle between two moves half as far.
      hands.pan(dx / 2, dy / 2);
      const span = (place: { x: number; y: number }) => Math.hypot(place.x - other.x, place.y - other.y);
      hands.zoom(span(now) / Math.max(span(before), 1), (now.x + other.x) / 2, (now.y + other.y) / 2);
      moved = SHAKE + 1;
    } else {
      moved += Math.hypot(dx, dy);
      if (moved > SHAKE && event.pointerType !== 'touch') hands.pan(dx, dy);
    }
    down.set(event.pointerId, now);
  });
  on('pointerup', (event) => {
    const was = down.delete(event.pointerId);
    if (!was || down.size > 0 || moved > SHAKE) return;
    hands.click(event.offsetX, event.offsetY);
    // A finger cannot hover: it points where it taps.
    if (event.pointerType === 'touch') hands.point(event.offsetX, event.offsetY);
  });
  on('pointercancel', (event) => down.delete(event.pointerId));
  for (const type of ['touchstart', 'touchmove'] as const) {
    on(
      type,
      (event) => {
        // `touch-action` lets the page scroll, and does not count fingers: two of them are the map's.
        if (event.targetTouches.length > 1 && event.cancelable) event.preventDefault();
      },
      { passive: false },
    );
  }
  on('pointerleave', ({ pointerType }) => {
    if (pointerType !== 'touch') hands.leave();
  });
  on(
    'wheel',
    (event) => {
      event.preventDefault();
      const pixels = event.deltaY * (UNITS[event.deltaMode] ?? 1);
      hands.zoom(Math.exp(-pixels / 400), event.offsetX, event.offsetY);
    },
    { passive: false },
  );
  on('dblclick', () => hands.reset());
  on('keydown', (event) => {
    const [x, y] = [canvas.clientWidth / 2, canvas.clientHeight / 2];
    const keys: Record<string, () => void> = {
      ArrowLeft: () => hands.pan(STEP, 0),
      ArrowRight: () => hands.pan(-STEP, 0),
      ArrowUp: () => hands.pan(0, STEP),
      ArrowDown: () => hands.pan(0, -STEP),
      '+': () => hands.zoom(KEY_ZOOM, x, y),
      '=': () => hands.zoom(KEY_ZOOM, x, y),
      '-': () => hands.zoom(1 / KEY_ZOOM, x, y),
      '0': () => hands.reset(),
      Escape: () => hands.escape(),
    };
    const act = event.ctrlKey || event.metaKey ? undefined : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  return () => ended.abort();
}
