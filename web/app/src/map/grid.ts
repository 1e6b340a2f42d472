import type { Box } from './camera';

/** Cells on a side. */
const SIDE = 256;

/** Finds the point nearest to a place: points are sorted into cells once. */
export class Grid {
  readonly #points: Float32Array;
  readonly #box: Box;
  /** The points of cell c are `#rows[#starts[c]..#starts[c + 1]]`. */
  readonly #starts = new Uint32Array(SIDE * SIDE + 1);
  readonly #rows: Uint32Array;

  constructor(points: Float32Array, box: Box) {
    this.#points = points;
    this.#box = box;
    const n = points.length / 2;
    const cells = new Uint32Array(n);
    let there = 0;
    for (let row = 0; row < n; row++) {
      const x = points[2 * row] as number;
      const cell = Number.isNaN(x) ? SIDE * SIDE : this.#cell(x, points[2 * row + 1] as number);
      cells[row] = cell;
      if (cell === SIDE * SIDE) continue;
      there++;
      this.#starts[cell + 1] = (this.#starts[cell + 1] as number) + 1;
    }
    for (let cell = 0; cell < SIDE * SIDE; cell++) {
      this.#starts[cell + 1] = (this.#starts[cell + 1] as number) + (this.#starts[cell] as number);
    }
    this.#rows = new Uint32Array(there);
    const next = this.#starts.slice();
    cells.forEach((cell, row) => {
      if (cell === SIDE * SIDE) return;
      const place = next[cell] as number;
      this.#rows[place] = row;
      next[cell] = place + 1;
    });
  }

  #axis(value: number, low: number, high: number): number {
    const share = high > low ? (value - low) / (high - low) : 0;
    return Math.min(Math.max(Math.floor(share * SIDE), 0), SIDE - 1);
  }

  #cell(x: number, y: number): number {
    const { left, right, top, bottom } = this.#box;
    return this.#axis(y, top, bottom) * SIDE + this.#axis(x, left, right);
  }

  /** The row of the point nearest to a place and not farther than `reach`, or null. */
  nearest(x: number, y: number, reach: number): number | null {
    const { left, right, top, bottom } = this.#box;
    const [x0, x1] = [this.#axis(x - reach, left, right), this.#axis(x + reach, left, right)];
    const [y0, y1] = [this.#axis(y - reach, top, bottom), this.#axis(y + reach, top, bottom)];
    let [best, least]: [number | null, number] = [null, reach * reach];
    for (let down = y0; down <= y1; down++) {
      // The cells of a row lie one after another, and so do their points.
      const end = this.#starts[down * SIDE + x1 + 1] as number;
      for (let at = this.#starts[down * SIDE + x0] as number; at < end; at++) {
        const row = this.#rows[at] as number;
        const across = (this.#points[2 * row] as number) - x;
        const along = (this.#points[2 * row + 1] as number) - y;
        const square = across * across + along * along;
        if (square <= least) [best, least] = [row, square];
      }
    }
    return best;
  }
}
