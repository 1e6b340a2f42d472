/** Degrees between the hues of neighbours: the golden angle, so that no few of them come close. */
const ANGLE = 137.50776;

/** Lightness and chroma of three rings of hues, for each theme: neighbours in number differ in both. */
const LIGHT = [
  [0.6, 0.15],
  [0.68, 0.11],
  [0.52, 0.13],
] as const;
const DARK = [
  [0.74, 0.13],
  [0.66, 0.15],
  [0.83, 0.09],
] as const;

export type Rgb = readonly [red: number, green: number, blue: number];

/** The colour of a cluster, 0 to 255 each. */
export function colourOf(cluster: number, isDark: boolean): Rgb {
  const [lightness, chroma] = (isDark ? DARK : LIGHT)[cluster % 3] ?? [0.6, 0.1];
  return toRgb(lightness, chroma, (cluster * ANGLE + 250) % 360);
}

/** The same, for style sheets. */
export function cssColour(cluster: number, isDark: boolean): string {
  return `rgb(${colourOf(cluster, isDark).join(' ')})`;
}

/** OKLCH to sRGB; source: Björn Ottosson, "A perceptual color space for image processing". */
function toRgb(lightness: number, chroma: number, degrees: number): Rgb {
  const angle = (degrees / 180) * Math.PI;
  const [a, b] = [chroma * Math.cos(angle), chroma * Math.sin(angle)];
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encode(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    encode(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    encode(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}

function encode(linear: number): number {
  const clipped = Math.min(Math.max(linear, 0), 1);
  const curved = clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055;
  return Math.round(255 * curved);
}
