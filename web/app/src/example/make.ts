import { COPIES, NOTICE, TOPICS, type Topic } from './topics';

/** A small generator of numbers with a seed: Mulberry32 by Tommy Ettinger, public domain. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Sentences of a document. */
const [FEWEST, MORE] = [2, 4];

/** The example: some six hundred short documents, the same at every click. */
export function makeExample(): Blob {
  const below = generator(7);
  const one = (from: readonly string[]) => from[below(from.length)] ?? '';
  const sentence = ({ subjects, verbs, objects, ends }: Topic) =>
    `${one(subjects)} ${one(verbs)} ${one(objects)} ${one(ends)}.`;
  const documents: { id: string; text: string }[] = [];
  for (const topic of TOPICS) {
    for (let number = 1; number <= topic.size; number++) {
      const sentences = Array.from({ length: FEWEST + below(MORE) }, () => sentence(topic));
      documents.push({ id: `${topic.name}-${number}`, text: sentences.join(' ') });
    }
  }
  for (let number = 1; number <= COPIES; number++) {
    documents.push({ id: `notice-${number}`, text: `${NOTICE} ${number}.` });
  }
  // In no order, as files come.
  for (let last = documents.length - 1; last > 0; last--) {
    const other = below(last + 1);
    documents.splice(last, 1, ...documents.splice(other, 1, ...documents.slice(last, last + 1)));
  }
  return new Blob(documents.map((document) => `${JSON.stringify(document)}\n`));
}
