/** What of the plane is seen: the middle of the view in the plane, and pixels for one unit of it. */
export interface Camera {
  x: number;
  y: number;
  scale: number;
}

/** The most that one can zoom in, beside the view of everything. */
const MAX_ZOOM = 400;

/** The share of the view that all points fill at first. */
const FILL = 0.92;

/** A box around points. */
export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The box around all points that are numbers. */
export function boxAround(points: Float32Array): Box {
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (let at = 0; at < points.length; at += 2) {
    const [x, y] = [points[at] as number, points[at + 1] as number];
    if (Number.isNaN(x)) continue;
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box.left <= box.right ? box : { left: 0, right: 0, top: 0, bottom: 0 };
}

/** The camera that sees everything. */
export function fit(box: Box, width: number, height: number): Camera {
  const across = Math.max(box.right - box.left, 1e-6);
  const down = Math.max(box.bottom - box.top, 1e-6);
  const scale = FILL * Math.min(width / across, height / down);
  return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2, scale };
}

/** Zooms so that what lies under a point of the view stays there; `dx` and `dy` are from the middle of the view. */
export function zoom(camera: Camera, whole: Camera, factor: number, dx: number, dy: number): Camera {
  const scale = Math.min(Math.max(camera.scale * factor, whole.scale / 2), whole.scale * MAX_ZOOM);
  const moved = 1 / camera.scale - 1 / scale;
  return { x: camera.x + dx * moved, y: camera.y + dy * moved, scale };
}

/** Moves the view by so many pixels. */
export function pan(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x - dx / camera.scale, y: camera.y - dy / camera.scale };
}
