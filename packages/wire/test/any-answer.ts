import { type GenerationEvent, type JsonObject, type Prompt, reasoningFormats } from '@bourse/generation';
import fc from 'fast-check';
import { decodePrompt } from '../src/openai-chat/decode-prompt.ts';
import type { AnswerContext, UsageReport } from '../src/wire-format.ts';

/** Answers in the words of the hub, with all that an answer may have, and what is needed to write them. */

/** A prompt of one word, changed as a test needs it. */
export function promptWith(fields: Partial<Prompt> = {}): Prompt {
  return { ...decodePrompt({ model: 'acme/sprint', messages: [{ role: 'user', content: 'Hi' }] }), ...fields };
}

/** The context of an answer of ours. */
export function contextWith(fields: Partial<Prompt> = {}): AnswerContext {
  return {
    head: { id: 'gen-1', model: 'acme/sprint', provider: 'P', createdUnixSeconds: 7 },
    prompt: promptWith(fields),
  };
}

/** The money of an answer. */
export const report: UsageReport = {
  usage: { input: 9, output: 2 },
  costUsd: '0.0000051',
  upstreamCostUsd: null,
  isEstimated: false,
};

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const argumentsText = fc.string({ unit: 'grapheme', maxLength: 12 });
const format = fc.constantFrom(...reasoningFormats);
const isLate = fc.boolean();

const blockOf = fc.oneof(
  fc.record({ type: fc.constant('text' as const), words: word }),
  fc.record({
    type: fc.constant('thought' as const),
    kind: fc.constantFrom('text' as const, 'summary' as const, 'encrypted' as const),
    words: word,
    id: fc.option(word),
    signature: fc.option(word),
    format,
    isLate,
  }),
  fc.record({
    type: fc.constant('call' as const),
    name: fc.stringMatching(/^[a-z]{1,6}$/),
    argumentsText,
    signature: fc.option(word),
    isLate,
  }),
);

const citation = fc.oneof(
  fc.record({ url: word, start: fc.constant(-1), end: fc.constant(-1) }),
  fc.record({ url: word, title: word, content: word, start: fc.nat(9), end: fc.nat(9) }),
);

const sound = fc.record(
  { id: word, base64: fc.constantFrom('AAAA', 'BBBB'), transcript: word, expiresAtUnixSeconds: fc.nat() },
  { requiredKeys: [] },
);

const entry: fc.Arbitrary<JsonObject> = fc.record({ token: word, logprob: fc.constantFrom(-1, -0.5) });

const choiceOf = fc.record({
  blocks: fc.array(blockOf, { maxLength: 5 }),
  refusal: fc.option(word),
  citations: fc.array(citation, { maxLength: 2 }),
  images: fc.array(fc.constantFrom('data:image/png;base64,AA', 'data:image/png;base64,BB'), { maxLength: 2 }),
  sounds: fc.array(sound, { maxLength: 2 }),
  entries: fc.array(entry, { maxLength: 2 }),
  unified: fc.constantFrom('stop' as const, 'length' as const, 'content_filter' as const),
});

type Block = typeof blockOf extends fc.Arbitrary<infer T> ? T : never;
type Choice = typeof choiceOf extends fc.Arbitrary<infer T> ? T : never;

/** A text in one or more pieces, as models stream it. */
function pieces(whole: string): string[] {
  return whole.length < 2 ? [whole] : [whole.slice(0, 1), whole.slice(1)];
}

/** The events of a block: those that come at once, and those that may come when the next block has begun. */
function eventsOf(block: Block, place: { choice: number; block: number }): [GenerationEvent[], GenerationEvent[]] {
  switch (block.type) {
    case 'text':
      return [pieces(block.words).map((text) => ({ type: 'text-delta', ...place, text })), []];
    case 'thought': {
      const { kind, words, id, signature, format: family } = block;
      const common = {
        type: 'reasoning-delta',
        ...place,
        kind,
        format: family,
        ...(id === null ? {} : { id }),
      } as const;
      const said = kind === 'encrypted' ? [words] : pieces(words);
      const first = said.map((text): GenerationEvent => ({ ...common, text }));
      return [first, signature === null || kind !== 'text' ? [] : [{ ...common, text: '', signature }]];
    }
    case 'call': {
      const { name, signature } = block;
      const signed = signature === null ? {} : { signature };
      const start: GenerationEvent = {
        type: 'tool-call-start',
        ...place,
        callId: `call_${place.block}`,
        name,
        ...signed,
      };
      const [head = '', ...rest] = pieces(block.argumentsText);
      const write = (text: string): GenerationEvent => ({ type: 'tool-call-delta', ...place, argumentsText: text });
      return [head === '' ? [start] : [start, write(head)], rest.map(write)];
    }
  }
}

function eventsOfChoice(made: Choice, choice: number): GenerationEvent[] {
  const events: GenerationEvent[] = [];
  let late: GenerationEvent[] = [];
  // Text that follows text is the same block.
  const blocks = made.blocks.filter(({ type }, at) => type !== 'text' || made.blocks[at - 1]?.type !== 'text');
  for (const [block, content] of blocks.entries()) {
    const [now, later] = eventsOf(content, { choice, block });
    events.push(...now, ...late);
    late = later;
    if (content.type === 'text' || content.isLate) continue;
    events.push(...late);
    late = [];
  }
  events.push(...late);
  for (const text of made.refusal === null ? [] : pieces(made.refusal))
    events.push({ type: 'refusal-delta', choice, text });
  for (const url of made.images) events.push({ type: 'image', choice, url });
  for (const piece of made.sounds) events.push({ type: 'audio-delta', choice, ...piece });
  for (const source of made.citations) events.push({ type: 'citation', choice, citation: source });
  if (made.entries.length > 0) events.push({ type: 'logprobs', choice, entries: made.entries });
  const hasCall = blocks.some(({ type }) => type === 'call');
  const unified = hasCall && made.unified === 'stop' ? 'tool_calls' : made.unified;
  events.push({ type: 'finish', choice, reason: { unified, raw: unified } });
  return events;
}

/** The alternatives of an answer speak in turns, in any order. */
function interleaved(lists: readonly GenerationEvent[][], turns: readonly number[]): GenerationEvent[] {
  const rests = lists.map((list) => [...list]);
  const events: GenerationEvent[] = [];
  for (const turn of turns) events.push(...(rests[turn % rests.length] ?? []).splice(0, 1));
  return [...events, ...rests.flat()];
}

/** Any whole answer. */
export const anyAnswer: fc.Arbitrary<GenerationEvent[]> = fc
  .record({
    choices: fc.array(choiceOf, { minLength: 1, maxLength: 3 }),
    turns: fc.array(fc.nat(2), { maxLength: 20 }),
    usage: fc.option(fc.record({ input: fc.nat(100), output: fc.nat(100) })),
  })
  .map(({ choices, turns, usage }) => {
    const events = interleaved(choices.map(eventsOfChoice), turns);
    return usage === null ? events : [...events, { type: 'usage', usage }];
  });
