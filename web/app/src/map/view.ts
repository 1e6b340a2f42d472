import { type Box, boxAround, type Camera, fit, pan, zoom } from './camera';
import { type Looks, Painter } from './draw';
import { listen } from './gestures';
import { Grid } from './grid';

/** Pixels around the pointer in which a document is taken for the one that is meant. */
const REACH = 10;

/** What the map tells. */
export interface Told {
  /** A document is pointed at, or none; with the place of its point. */
  onPoint(row: number | null, x: number, y: number): void;
  /** A document was clicked, or nothing. */
  onClick(row: number | null): void;
  /** What is selected shall be so no more. */
  onEscape(): void;
}

/** The map on its canvas: follows hands, draws at most once a frame. */
export class MapView {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  readonly #painter = new Painter();
  readonly #told: Told;
  readonly #end: () => void;
  #points = new Float32Array();
  #box: Box = boxAround(this.#points);
  #grid = new Grid(this.#points, this.#box);
  #looks: Looks | null = null;
  /** In pixels of the page; null sees everything, whatever the size. */
  #camera: Camera | null = null;
  #frame = 0;

  constructor(canvas: HTMLCanvasElement, told: Told) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    this.#told = told;
    const stop = listen(canvas, {
      pan: (dx, dy) => this.#move(pan(this.camera, dx, dy)),
      zoom: (factor, x, y) => this.zoom(factor, x, y),
      point: (x, y) => this.#point(x, y),
      leave: () => told.onPoint(null, 0, 0),
      click: (x, y) => told.onClick(this.#at(x, y)),
      escape: () => told.onEscape(),
      reset: () => this.reset(),
    });
    const sizes = new ResizeObserver(() => this.#later());
    sizes.observe(canvas);
    this.#end = () => {
      stop();
      sizes.disconnect();
      cancelAnimationFrame(this.#frame);
    };
  }

  get camera(): Camera {
    return this.#camera ?? this.#whole;
  }

  get #whole(): Camera {
    return fit(this.#box, this.#canvas.clientWidth, this.#canvas.clientHeight);
  }

  /** Shows points; the same ones keep the view. */
  show(points: Float32Array, looks: Looks): void {
    if (points !== this.#points) {
      this.#points = points as Float32Array<ArrayBuffer>;
      this.#box = boxAround(points);
      this.#grid = new Grid(points, this.#box);
      this.#camera = null;
    }
    this.#looks = looks;
    this.#later();
  }

  /** Zooms about a place of the canvas, by default its middle. */
  zoom(factor: number, x = this.#canvas.clientWidth / 2, y = this.#canvas.clientHeight / 2): void {
    const [dx, dy] = [x - this.#canvas.clientWidth / 2, y - this.#canvas.clientHeight / 2];
    this.#move(zoom(this.camera, this.#whole, factor, dx, dy));
  }

  /** Sees everything again. */
  reset(): void {
    this.#move(null);
  }

  /** Ends it. */
  destroy(): void {
    this.#end();
  }

  #move(camera: Camera | null): void {
    this.#camera = camera;
    this.#told.onPoint(null, 0, 0);
    this.#later();
  }

  #at(x: number, y: number): number | null {
    const { x: middleX, y: middleY, scale } = this.camera;
    const { clientWidth, clientHeight } = this.#canvas;
    return this.#grid.nearest(
      middleX + (x - clientWidth / 2) / scale,
      middleY + (y - clientHeight / 2) / scale,
      REACH / scale,
    );
  }

  #point(x: number, y: number): void {
    const row = this.#at(x, y);
    if (row === null) {
      this.#told.onPoint(null, 0, 0);
      return;
    }
    const { x: middleX, y: middleY, scale } = this.camera;
    const { clientWidth, clientHeight } = this.#canvas;
    const across = ((this.#points[2 * row] as number) - middleX) * scale + clientWidth / 2;
    const along = ((this.#points[2 * row + 1] as number) - middleY) * scale + clientHeight / 2;
    this.#told.onPoint(row, across, along);
  }

  #later(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.draw();
    });
  }

  /** Draws now. */
  draw(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    if (!this.#context || !this.#looks || clientWidth === 0) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    const { x, y, scale } = this.camera;
    // Many points are small ones; they grow with the zoom, by its fourth root.
    const many = Math.min(Math.max(5.4 - 0.88 * Math.log10(Math.max(this.#points.length / 2, 10)), 0.9), 4);
    const radius = many * Math.max(scale / this.#whole.scale, 1) ** 0.25 * ratio;
    this.#painter.draw(this.#context, this.#points, { x, y, scale: scale * ratio }, radius, this.#looks);
  }
}
