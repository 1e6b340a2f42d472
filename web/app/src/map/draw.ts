import type { Camera } from './camera';
import { colourOf } from './colours';

/** How points look. */
export interface Looks {
  labels: Int32Array;
  isDark: boolean;
  /** The cluster that stands out, if one does. */
  selected: number | null;
  /** For each document whether it was found; null where nothing is searched for. */
  found: Uint8Array | null;
}

/** A disc: the places of its pixels beside its middle, and how much of each it covers, 1 to 255. */
interface Stamp {
  reach: number;
  dx: Int8Array;
  dy: Int8Array;
  cover: Uint8Array;
}

/** A stamp for pixels that lie in rows of a width: the whole ones, and those at the edge, by their places. */
interface Cut {
  reach: number;
  whole: Int32Array;
  edge: Int32Array;
  /** How much of the pixels at the edge is covered, 0 to 256. */
  cover: Int32Array;
}

/** How strong points are that do not stand out. */
const FADED = 0.13;

/** How much larger points are that do, than all are where none does. */
const STANDS_OUT = 1.2;

/** Pixels by which the margin grows. */
const STEP = 16;

/** Draws points into pixels: 100 000 of them take some milliseconds, on any machine, without a GPU. */
export class Painter {
  /** The canvas and a margin around it, so that a disc at the edge is drawn without a look at each of its pixels. */
  #image = new ImageData(1, 1);
  #margin = 0;
  /** The same pixels, one a number: alpha, blue, green and red, the highest first. */
  #pixels = new Uint32Array(this.#image.data.buffer);
  #stamps = new Map<number, Stamp>();
  /** The colour of each cluster, as a pixel. */
  #palette = new Uint32Array();
  #painted: { labels: Int32Array; isDark: boolean } | null = null;

  /** Draws all points with the camera, whose pixels are the device's. */
  draw(
    context: CanvasRenderingContext2D,
    points: Float32Array,
    camera: Camera,
    radius: number,
    looks: Looks,
  ): void {
    const { width, height } = context.canvas;
    const margin = this.#clear(width, height, STANDS_OUT * radius);
    this.#paint(looks);
    const { labels, selected, found } = looks;
    if (selected === null && found === null) {
      this.#pass(points, camera, this.#cut(radius, 1), labels, null);
    } else {
      // What stands out is drawn last, over the rest.
      const standsOut = new Uint8Array(labels.length);
      for (let row = 0; row < labels.length; row++) {
        // A search is for all clusters, whichever is selected.
        standsOut[row] = (found ? found[row] === 1 : labels[row] === selected) ? 1 : 0;
      }
      this.#pass(points, camera, this.#cut(radius, FADED), labels, { flags: standsOut, wanted: 0 });
      this.#pass(points, camera, this.#cut(radius * STANDS_OUT, 1), labels, { flags: standsOut, wanted: 1 });
    }
    context.putImageData(this.#image, -margin, -margin, margin, margin, width, height);
  }

  /** Makes room for a canvas and for discs of a radius around its edge; gives the width of the margin. */
  #clear(width: number, height: number, radius: number): number {
    // The middle of a disc that is seen lies at most its reach outside, and its other end as far again. The margin
    // never shrinks, and grows by steps, so that a zoom seldom asks for new memory.
    this.#margin = Math.max(this.#margin, Math.ceil((2 * reachOf(radius)) / STEP) * STEP);
    const [wide, high] = [width + 2 * this.#margin, height + 2 * this.#margin];
    if (this.#image.width !== wide || this.#image.height !== high) {
      this.#image = new ImageData(wide, high);
      this.#pixels = new Uint32Array(this.#image.data.buffer);
    } else {
      this.#pixels.fill(0);
    }
    return this.#margin;
  }

  /** Works out the colours of all clusters, when these or the theme are others. */
  #paint({ labels, isDark }: Looks): void {
    if (this.#painted?.labels === labels && this.#painted.isDark === isDark) return;
    const most = labels.reduce((most, label) => Math.max(most, label), -1) + 1;
    this.#palette = Uint32Array.from({ length: most }, (_, cluster) => {
      const [red, green, blue] = colourOf(cluster, isDark);
      return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
    });
    this.#painted = { labels, isDark };
  }

  #pass(
    points: Float32Array,
    camera: Camera,
    { reach, whole, edge, cover }: Cut,
    labels: Int32Array,
    only: { flags: Uint8Array; wanted: number } | null,
  ): void {
    const { width, height } = this.#image;
    const [left, top] = [width / 2 - camera.x * camera.scale, height / 2 - camera.y * camera.scale];
    const [pixels, palette] = [this.#pixels, this.#palette];
    for (let row = 0; row < labels.length; row++) {
      if (only && only.flags[row] !== only.wanted) continue;
      const x = Math.round(left + (points[2 * row] as number) * camera.scale);
      const y = Math.round(top + (points[2 * row + 1] as number) * camera.scale);
      // Also where they are no numbers.
      if (!(x >= reach && x < width - reach && y >= reach && y < height - reach)) continue;
      const colour = palette[labels[row] as number] as number;
      const middle = y * width + x;
      for (let pixel = 0; pixel < whole.length; pixel++) {
        pixels[middle + (whole[pixel] as number)] = colour;
      }
      for (let pixel = 0; pixel < edge.length; pixel++) {
        const at = middle + (edge[pixel] as number);
        pixels[at] = over(colour, cover[pixel] as number, pixels[at] as number);
      }
    }
  }

  #cut(radius: number, strength: number): Cut {
    const key = Math.round(radius * 4);
    const stamp = this.#stamps.get(key) ?? disc(key / 4);
    this.#stamps.set(key, stamp);
    const { reach, dx, dy, cover } = stamp;
    const [whole, edge, covers]: [number[], number[], number[]] = [[], [], []];
    cover.forEach((covered, pixel) => {
      const place = (dy[pixel] as number) * this.#image.width + (dx[pixel] as number);
      if (covered === 255 && strength === 1) {
        whole.push(place);
      } else {
        edge.push(place);
        covers.push(Math.round((covered / 255) * strength * 256));
      }
    });
    return {
      reach,
      whole: Int32Array.from(whole),
      edge: Int32Array.from(edge),
      cover: Int32Array.from(covers),
    };
  }
}

/** Lays a colour that covers so many 256ths over a pixel, in whole numbers. */
function over(colour: number, cover: number, under: number): number {
  const below = under >>> 24;
  if (below === 0) return ((colour & 0xffffff) | (Math.min(cover, 255) << 24)) >>> 0;
  const alpha = cover + ((below * (256 - cover)) >> 8);
  // Colours are not multiplied by alpha: the new one has this share of the sum, in 256ths.
  const share = ((cover << 8) / Math.max(alpha, 1)) | 0;
  const mix = (shift: number) => {
    const before = (under >>> shift) & 255;
    return (before + (((((colour >>> shift) & 255) - before) * Math.min(share, 256)) >> 8)) << shift;
  };
  return (mix(0) | mix(8) | mix(16) | (Math.min(alpha, 255) << 24)) >>> 0;
}

/** How many pixels beside its middle a disc may cover. Radii are rounded to quarters. */
function reachOf(radius: number): number {
  return Math.ceil(Math.round(radius * 4) / 4 + 0.5);
}

/** A disc with soft edges. */
function disc(radius: number): Stamp {
  const reach = reachOf(radius);
  const pixels: [x: number, y: number, cover: number][] = [];
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const covered = Math.round(255 * Math.min(Math.max(radius + 0.5 - Math.hypot(x, y), 0), 1));
      if (covered > 0) pixels.push([x, y, covered]);
    }
  }
  return {
    reach,
    dx: Int8Array.from(pixels, ([x]) => x),
    dy: Int8Array.from(pixels, ([, y]) => y),
    cover: Uint8Array.from(pixels, ([, , cover]) => cover),
  };
}
