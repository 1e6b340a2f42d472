// Documents of topics of very unequal size, with all that makes formats hard: quotes, delimiters, line ends, many
// scripts, documents without words, and texts that come twice.

import { one, random } from './random.mjs';

/** Words of each topic; the first topics are large, the last ones small. */
const TOPICS = [
  'kettle oven flour butter simmer recipe dough pan salt roast sauce whisk garlic bake crust',
  'engine piston torque brake clutch wheel gearbox diesel valve spark axle chassis exhaust throttle idle',
  'orbit comet planet telescope nebula gravity lunar eclipse rocket probe solar stellar dust crater ring',
  'harbour tide sail rudder anchor mast vessel knot cargo deck buoy current captain crew lighthouse',
  'parser token compiler lexer grammar syntax branch register pointer stack heap thread mutex cache opcode',
  'Gletscher Gipfel Hütte Wanderweg Schnee Seil Tal Föhn Grat Bergführer Lawine Höhe Fels Brücke Übergang',
  'clause tenant statute appeal verdict contract liability plaintiff notary deed lease treaty court ruling oath',
  'щука окунь карась невод удочка берег река лодка наживка улов пруд крючок поплавок леска сом',
  'violin sonata chord tempo flute rehearsal octave cello melody opera choir tuning rhythm score encore',
  '茶 山 水 雲 花 月 鳥 竹 風 雪 石 松 夜 春 秋',
].map((words) => words.split(' '));

/** What stands between the words of every topic. */
const COMMON = 'the of and to in is that it was for on with as at by this from or an be'.split(' ');

/** What rare words are made of. */
const SYLLABLES = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu'.split(' ');

/** Pieces that a reader must neither lose nor change. */
const HARD = [
  '"quoted"',
  "it's",
  'a, b; c',
  'back\\slash',
  '🐙🌊',
  'naïve café',
  '{"k": [1, 2]}',
  '50 %',
  '<b>&amp;',
];

/**
 * Makes documents `{ id, text, tokens }`.
 *
 * @param documents how many.
 * @param seed another one gives other texts.
 */
export function corpus({ documents, seed = 1 }) {
  const next = random(seed);
  const made = [];
  for (let row = 0; row < documents; row++) {
    const text = made.length > 10 && next() < 0.01 ? one(next, made).text : document(next);
    made.push({ id: `doc-${row.toString(36)}`, text, tokens: text.split(/\s+/).length });
  }
  return made;
}

function document(next) {
  if (next() < 0.005) return one(next, ['…', '—', '?!', '***']);
  // Each topic has about 0.55 times as many documents as the one before it.
  const topic = Math.min(Math.floor(Math.log(1 - next()) / Math.log(0.55)), TOPICS.length - 1);
  const words = [];
  for (let left = 12 + Math.floor(next() * 100); left > 0; left--) {
    const kind = next();
    if (kind < 0.4) words.push(one(next, TOPICS[topic]));
    else if (kind < 0.75) words.push(one(next, COMMON));
    else if (kind < 0.97) words.push(rare(next));
    else words.push(one(next, HARD));
    if (next() < 0.03) words.push('\n');
  }
  return words.join(' ');
}

/** One of 8000 words, some of them much rarer than others. */
const rare = (next) => [0, 1, 2].map(() => SYLLABLES[Math.floor(next() ** 2 * SYLLABLES.length)]).join('');

/** JSON lines with the fields `id`, `text` and `n_tokens`. */
export const jsonl = (documents) =>
  documents.map(({ id, text, tokens }) => `${JSON.stringify({ id, text, n_tokens: tokens })}\n`).join('');

/** A table with the columns `id`, `text` and `n_tokens`: `,` for CSV, a tab for TSV. */
export function table(documents, delimiter) {
  const cell = (value) => (/["\t\n,]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : value);
  // A record of TSV is a line.
  const own = (text) => (delimiter === '\t' ? text.replaceAll('\n', ' ') : text);
  const rows = documents.map(({ id, text, tokens }) => [id, own(text), tokens]);
  return [['id', 'text', 'n_tokens'], ...rows].map((row) => `${row.map(cell).join(delimiter)}\n`).join('');
}

/** One document a line. */
export const lines = (documents) => documents.map(({ text }) => `${text.replaceAll('\n', ' ')}\n`).join('');

/** Rows of unit norm, `spread` around centres of very unequal weight, in row-major order. */
export function rows({ samples, features, topics, spread = 0.8, seed = 1 }) {
  const next = random(seed);
  const noise = () => next() + next() + next() - 1.5;
  const centres = Array.from({ length: topics }, () => Array.from({ length: features }, noise));
  const made = new Float32Array(samples * features);
  for (let row = 0; row < samples; row++) {
    const centre = centres[Math.floor(next() ** 2 * topics)];
    const values = centre.map((value) => value + spread * noise());
    const norm = Math.hypot(...values);
    values.forEach((value, at) => {
      made[row * features + at] = value / norm;
    });
  }
  return made;
}
