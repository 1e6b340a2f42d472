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

/** How strong points are that do not stand out. */
const FADED = 0.13;

/** Draws points into pixels: 100 000 of them take some milliseconds, on any machine, without a GPU. */
export class Painter {
  #image = new ImageData(1, 1);
  #stamps = new Map<number, Stamp>();
  /** Red, green and blue of each cluster. */
  #palette = new Uint8Array();
  #isDark: boolean | null = null;

  /** Draws all points with the camera, whose pixels are the device's. */
  draw(
    context: CanvasRenderingContext2D,
    points: Float32Array,
    camera: Camera,
    radius: number,
    looks: Looks,
  ) {
    const { width, height } = context.canvas;
    if (this.#image.width !== width || this.#image.height !== height) {
      this.#image = new ImageData(width, height);
    } else {
      this.#image.data.fill(0);
    }
    this.#paint(looks);
    const { selected, found } = looks;
    if (selected === null && found === null) {
      this.#pass(points, camera, radius, looks, 1, () => true);
    } else {
      // What stands out is drawn last, over the rest.
      const standsOut = (row: number) =>
        (selected === null || looks.labels[row] === selected) && (found === null || found[row] === 1);
      this.#pass(points, camera, radius, looks, FADED, (row) => !standsOut(row));
      this.#pass(points, camera, radius * 1.2, looks, 1, standsOut);
    }
    context.putImageData(this.#image, 0, 0);
  }

  /** Works out the colours of all clusters when the theme or their number changes. */
  #paint({ labels, isDark }: Looks): void {
    const most = labels.reduce((most, label) => Math.max(most, label), 0) + 1;
    if (this.#isDark === isDark && this.#palette.length >= 3 * most) return;
    this.#palette = new Uint8Array(3 * most);
    for (let cluster = 0; cluster < most; cluster++) {
      this.#palette.set(colourOf(cluster, isDark), 3 * cluster);
    }
    this.#isDark = isDark;
  }

  #pass(
    points: Float32Array,
    camera: Camera,
    radius: number,
    { labels }: Looks,
    strength: number,
    isDrawn: (row: number) => boolean,
  ): void {
    const { data, width, height } = this.#image;
    const { reach, dx, dy, cover } = this.#stamp(radius);
    const [left, top] = [width / 2 - camera.x * camera.scale, height / 2 - camera.y * camera.scale];
    const palette = this.#palette;
    for (let row = 0; row < labels.length; row++) {
      const x = Math.round(left + (points[2 * row] as number) * camera.scale);
      const y = Math.round(top + (points[2 * row + 1] as number) * camera.scale);
      // Also where they are no numbers.
      if (!(x >= reach && x < width - reach && y >= reach && y < height - reach)) continue;
      if (!isDrawn(row)) continue;
      const colour = 3 * (labels[row] as number);
      const [red, green, blue] = [palette[colour], palette[colour + 1], palette[colour + 2]] as [
        number,
        number,
        number,
      ];
      for (let pixel = 0; pixel < cover.length; pixel++) {
        const at = 4 * ((y + (dy[pixel] as number)) * width + x + (dx[pixel] as number));
        const alpha = ((cover[pixel] as number) / 255) * strength;
        const under = (data[at + 3] as number) / 255;
        // "Over", with colours that are not multiplied by alpha.
        const sum = alpha + under * (1 - alpha);
        const share = alpha / sum;
        data[at] = (data[at] as number) + (red - (data[at] as number)) * share;
        data[at + 1] = (data[at + 1] as number) + (green - (data[at + 1] as number)) * share;
        data[at + 2] = (data[at + 2] as number) + (blue - (data[at + 2] as number)) * share;
        data[at + 3] = 255 * sum;
      }
    }
  }

  #stamp(radius: number): Stamp {
    const key = Math.round(radius * 4);
    let stamp = this.#stamps.get(key);
    if (!stamp) {
      stamp = disc(key / 4);
      this.#stamps.set(key, stamp);
    }
    return stamp;
  }
}

/** A disc with soft edges. */
function disc(radius: number): Stamp {
  const reach = Math.ceil(radius + 0.5);
  const [dx, dy, cover]: number[][] = [[], [], []] as number[][] as [number[], number[], number[]];
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const covered = Math.min(Math.max(radius + 0.5 - Math.hypot(x, y), 0), 1);
      if (covered < 1 / 255) continue;
      dx?.push(x);
      dy?.push(y);
      cover?.push(Math.round(255 * covered));
    }
  }
  return {
    reach,
    dx: Int8Array.from(dx ?? []),
    dy: Int8Array.from(dy ?? []),
    cover: Uint8Array.from(cover ?? []),
  };
}
