import { integerBetween, type NonEmpty, pick, type Random } from './random.ts';

// biome-ignore format: a word list reads better filled.
const NOUNS: NonEmpty<string> = [
  'harbour', 'ledger', 'garden', 'market', 'bridge', 'season', 'library', 'workshop', 'current', 'orchard', 'signal',
  'pattern', 'measure', 'archive', 'lantern', 'horizon', 'compass', 'engine', 'record', 'channel', 'window', 'village',
  'method', 'boundary', 'instrument', 'journey', 'surface', 'reservoir', 'question', 'balance',
];
// biome-ignore format: as above.
const ADJECTIVES: NonEmpty<string> = [
  'quiet', 'careful', 'steady', 'bright', 'narrow', 'patient', 'ordinary', 'distant', 'practical', 'shared', 'early',
  'familiar', 'gradual', 'honest', 'open', 'reliable', 'simple', 'subtle', 'useful', 'visible',
];
// biome-ignore format: as above.
const VERBS: NonEmpty<string> = [
  'carries', 'follows', 'measures', 'reveals', 'shapes', 'supports', 'changes', 'connects', 'explains', 'limits',
  'balances', 'rewards', 'holds', 'crosses', 'repeats', 'outlasts',
];
// biome-ignore format: as above.
const ADVERBS: NonEmpty<string> = [
  'slowly', 'often', 'rarely', 'quietly', 'usually', 'clearly', 'in practice', 'over time', 'at first', 'in the end',
];

type Slots = { topic: string; random: Random };

const noun = ({ random }: Slots) => pick(random, NOUNS);
const adjective = ({ random }: Slots) => pick(random, ADJECTIVES);
const verb = ({ random }: Slots) => pick(random, VERBS);
const adverb = ({ random }: Slots) => pick(random, ADVERBS);

const OPENINGS: NonEmpty<(slots: Slots) => string> = [
  (s) => `Here is a short note on ${s.topic}.`,
  (s) => `The ${adjective(s)} way to think about ${s.topic} is to begin with one ${noun(s)}.`,
  (s) => `When people ask about ${s.topic}, they usually mean the ${adjective(s)} part of it.`,
  (s) => `There are ${pick(s.random, ['two', 'three', 'several'])} things worth saying about ${s.topic}.`,
];

const SENTENCES: NonEmpty<(slots: Slots) => string> = [
  (s) => `A ${adjective(s)} ${noun(s)} ${adverb(s)} ${verb(s)} the ${noun(s)} around it.`,
  (s) =>
    `The ${noun(s)} ${verb(s)} what the ${noun(s)} leaves behind, and that is where ${s.topic} becomes ${adjective(s)}.`,
  (s) => `Start with the ${adjective(s)} case, then check it against a ${adjective(s)} one.`,
  (s) => `Nothing about ${s.topic} is ${adjective(s)} by accident.`,
  (s) => `Most of the cost sits in the ${noun(s)}; most of the value sits in the ${noun(s)}.`,
  (s) => `If the ${noun(s)} is ${adjective(s)}, the ${noun(s)} ${adverb(s)} ${verb(s)} it.`,
  (s) => `It helps to keep a ${noun(s)} at hand, because ${s.topic} ${adverb(s)} depends on it.`,
  (s) => `Compare the ${adjective(s)} ${noun(s)} with the ${adjective(s)} one before you decide.`,
  (s) => `Seen from the ${noun(s)}, the same ${noun(s)} looks ${adjective(s)}.`,
  (s) => `You can test this with a ${adjective(s)} ${noun(s)} and an hour of attention.`,
  (s) => `What ${verb(s)} the ${noun(s)} today may not be ${adjective(s)} tomorrow.`,
];

const CLOSINGS: NonEmpty<(slots: Slots) => string> = [
  (s) => `That is the ${adjective(s)} part of ${s.topic}; the rest follows from it.`,
  (s) => `In short, keep the ${noun(s)} ${adjective(s)} and let the ${noun(s)} follow.`,
  (s) => `From there, ${s.topic} is mostly a matter of ${adjective(s)} habits.`,
];

const STOP_WORDS = new Set(
  `about after also answer been before being between both briefly could does doing each else even every explain from
  give hello have help here into json just know like list make many mention more most must need only other over please
  reply said same sentence sentences short should some such tell than thanks that their them then there these they
  this those through using very want were what when where which while will with word words would write your`.split(
    /\s+/,
  ),
);

/** The first telling word of the text, with the next one when they stand together: what an answer can be about. */
export function topicOf(text: string): string {
  const words = text.slice(0, 4_000).matchAll(/\p{L}{4,24}/gu);
  let topic: { word: string; end: number } | undefined;
  for (const { 0: found, index } of words) {
    const word = found.toLowerCase();
    if (topic !== undefined)
      return index === topic.end + 1 && !STOP_WORDS.has(word) ? `${topic.word} ${word}` : topic.word;
    if (!STOP_WORDS.has(word)) topic = { word, end: index + found.length };
  }
  return topic?.word ?? 'the question';
}

/**
 * Sentences of plausible English about the topic, without end, each with the white space that joins it to the one
 * before. The row depends on `random` alone.
 */
export function* prose(random: Random, topic: string): Generator<string, never> {
  const slots: Slots = { topic, random };
  yield pick(random, OPENINGS)(slots);
  for (;;) {
    const sentencesInParagraph = integerBetween(random, 2, 5);
    for (let sentence = 0; sentence < sentencesInParagraph; sentence += 1) yield ` ${pick(random, SENTENCES)(slots)}`;
    yield `\n\n${pick(random, SENTENCES)(slots)}`;
  }
}

/** A finished piece of prose: an opening, 3 to 14 sentences as the seed decides, and a closing. */
export function essay(random: Random, topic: string): string {
  const sentences = integerBetween(random, 3, 14);
  const source = prose(random, topic);
  let text = '';
  for (let sentence = 0; sentence < sentences; sentence += 1) text += source.next().value;
  return `${text} ${pick(random, CLOSINGS)({ topic, random })}`;
}

/** One to three sentences of thinking aloud, as a reasoning model shows before its answer. */
export function deliberation(random: Random, topic: string): string {
  const slots: Slots = { topic, random };
  const steps = integerBetween(random, 1, 3);
  let text = `The question is about ${topic}.`;
  for (let step = 0; step < steps; step += 1) {
    text += ` First weigh the ${adjective(slots)} ${noun(slots)} against the ${adjective(slots)} ${noun(slots)}.`;
  }
  return `${text} A ${adjective(slots)} answer will do.`;
}

/** A few words, for a string value inside generated JSON. */
export function phrase(random: Random): string {
  return `${pick(random, ADJECTIVES)} ${pick(random, NOUNS)}`;
}
