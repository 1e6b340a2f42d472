/** A topic of the example: how many documents it has, and what their sentences are made of. */
export interface Topic {
  name: string;
  size: number;
  subjects: string[];
  verbs: string[];
  objects: string[];
  ends: string[];
}

/** Twelve topics of very unequal size, as real corpora have them; one is in German. All of it is made up. */
export const TOPICS: Topic[] = [
  {
    name: 'cooking',
    size: 190,
    subjects: [
      'The cook',
      'My grandmother',
      'A good baker',
      'The recipe',
      'This sauce',
      'The pasta',
      'Our kitchen',
    ],
    verbs: ['simmers', 'needs', 'calls for', 'folds in', 'roasts', 'seasons', 'slices'],
    objects: [
      'ripe tomatoes',
      'a pinch of salt',
      'fresh basil',
      'two onions',
      'warm butter',
      'a handful of flour',
    ],
    ends: ['over a low flame', 'until golden', 'before serving', 'in a heavy pan', 'for twenty minutes'],
  },
  {
    name: 'football',
    size: 120,
    subjects: [
      'The goalkeeper',
      'Our striker',
      'The home team',
      'A late substitute',
      'The referee',
      'The midfield',
    ],
    verbs: ['saved', 'missed', 'won', 'blocked', 'headed', 'defended'],
    objects: [
      'a penalty',
      'the decisive match',
      'a free kick',
      'the second goal',
      'the corner',
      'the league title',
    ],
    ends: [
      'in extra time',
      'before the whistle',
      'in front of a full stadium',
      'after half-time',
      'in the rain',
    ],
  },
  {
    name: 'programming',
    size: 95,
    subjects: [
      'The function',
      'This loop',
      'The compiler',
      'A unit test',
      'The parser',
      'Our server',
      'The debugger',
    ],
    verbs: ['returns', 'allocates', 'checks', 'rejects', 'iterates over', 'caches'],
    objects: [
      'an empty array',
      'a null pointer',
      'every request',
      'the syntax tree',
      'a hash map',
      'the error code',
    ],
    ends: [
      'without a lock',
      'at compile time',
      'in constant memory',
      'on every commit',
      'when the type is wrong',
    ],
  },
  {
    name: 'gardening',
    size: 60,
    subjects: [
      'The gardener',
      'A climbing rose',
      'The seedlings',
      'Our compost',
      'The old pear tree',
      'The hedge',
    ],
    verbs: ['wants', 'outgrows', 'loves', 'suffers from', 'shelters', 'shades'],
    objects: [
      'moist soil',
      'morning sun',
      'the vegetable bed',
      'late frost',
      'a thick mulch',
      'the lavender',
    ],
    ends: ['in early spring', 'behind the shed', 'after pruning', 'until autumn', 'in heavy clay'],
  },
  {
    name: 'sailing',
    size: 42,
    subjects: ['The skipper', 'A small sloop', 'The mainsail', 'The tide', 'Our crew', 'The harbour pilot'],
    verbs: ['rounds', 'trims', 'catches', 'holds', 'drifts past', 'steers for'],
    objects: [
      'the lighthouse',
      'the jib',
      'a fresh westerly',
      'the buoy',
      'the anchor chain',
      'the breakwater',
    ],
    ends: ['at dusk', 'close to the wind', 'under reefed canvas', 'against the current', 'before the gale'],
  },
  {
    name: 'astronomy',
    size: 30,
    subjects: ['The telescope', 'A faint comet', 'The young star', 'Our galaxy', 'The probe', 'A red giant'],
    verbs: ['orbits', 'reveals', 'passes', 'outshines', 'photographs', 'swallows'],
    objects: [
      'a dim companion',
      'the rings of Saturn',
      'an icy moon',
      'a cloud of dust',
      'the spiral arm',
      'its planets',
    ],
    ends: [
      'every forty years',
      'in infrared light',
      'beyond Neptune',
      'far from the city',
      'in a long exposure',
    ],
  },
  {
    name: 'law',
    size: 22,
    subjects: ['The court', 'A tenant', 'The contract', 'Our lawyer', 'The defendant', 'The statute'],
    verbs: ['dismisses', 'breaches', 'grants', 'appeals', 'cites', 'waives'],
    objects: [
      'the claim',
      'a clause on liability',
      'the verdict',
      'the notice period',
      'an injunction',
      'the right to appeal',
    ],
    ends: [
      'under section nine',
      'without prejudice',
      'within thirty days',
      'before the tribunal',
      'in writing',
    ],
  },
  {
    name: 'medicine',
    size: 16,
    subjects: ['The nurse', 'A young patient', 'The surgeon', 'This vaccine', 'The clinic', 'The new dose'],
    verbs: ['lowers', 'treats', 'examines', 'prevents', 'monitors', 'reports'],
    objects: ['blood pressure', 'a mild fever', 'the fracture', 'an infection', 'the pulse', 'chronic pain'],
    ends: ['twice a day', 'after the operation', 'in most trials', 'without side effects', 'on the ward'],
  },
  {
    name: 'bahn',
    size: 12,
    subjects: ['Der Zug', 'Die Lokomotive', 'Unser Schaffner', 'Der Bahnhof', 'Die Strecke', 'Ein Fahrgast'],
    verbs: ['verlässt', 'erreicht', 'überquert', 'kontrolliert', 'sieht', 'verbindet'],
    objects: [
      'das Gleis',
      'die alte Brücke',
      'den Tunnel',
      'die Fahrkarten',
      'das Signal',
      'zwei kleine Dörfer',
    ],
    ends: [
      'mit großer Verspätung',
      'am frühen Morgen',
      'kurz vor der Grenze',
      'ohne Halt',
      'im dichten Nebel',
    ],
  },
  {
    name: 'chess',
    size: 8,
    subjects: ['White', 'The knight', 'A passed pawn', 'The endgame', 'The bishop pair', 'Her opponent'],
    verbs: ['sacrifices', 'pins', 'captures', 'forks', 'castles behind', 'gains'],
    objects: ['the queen', 'the rook', 'a tempo', 'the open file', 'the king', 'the centre'],
    ends: ['on the fourteenth move', 'in time trouble', 'with check', 'in the Sicilian', 'for a draw'],
  },
  {
    name: 'bees',
    size: 5,
    subjects: ['The beekeeper', 'A swarm', 'The queen bee', 'The hive', 'Each worker'],
    verbs: ['gathers', 'leaves', 'feeds', 'guards', 'fills'],
    objects: ['nectar', 'the old comb', 'the brood', 'clover honey', 'the wooden frame'],
    ends: ['before noon', 'when the linden blooms', 'in the smoke', 'through the winter', 'without a sting'],
  },
];

/** The licence that some repositories hold again and again: near-duplicates, which are a cluster of their own. */
export const NOTICE =
  'Permission is given to use, copy and change these example texts for any purpose, with or without a fee, as long as this notice stays with them. They come without any warranty. Copy number';

/** How many copies of it there are. */
export const COPIES = 10;
