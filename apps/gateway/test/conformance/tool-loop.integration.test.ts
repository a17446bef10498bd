import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSandboxMarket, type SandboxMarket } from '../sdk/sandbox-market.ts';
import { companies, modelOf } from './companies.ts';
import { at } from './json-at.ts';
import { type Conversation, type SeenCall, type Speaker, speakers, type Turn } from './loop-speakers.ts';

/**
 * A three-turn tool loop with reasoning keeps ids and signatures for each family, from each client format. The client sends back what it
 * got and edits nothing; the companies verify what they signed or sealed and refuse what was altered, which proves that it was kept.
 */
let market: SandboxMarket;
beforeAll(async () => {
  market = await openSandboxMarket();
});
afterAll(() => market.stop());

/** Dialects whose providers sign or seal their thoughts, and verify what returns. */
const VERIFIES: ReadonlySet<string> = new Set(['anthropic-messages', 'bedrock-converse', 'openai-responses', 'gemini']);

async function send(speaker: Speaker, history: readonly unknown[], about: Conversation) {
  const { path, body } = speaker.request(history, about);
  const response = await fetch(`${market.root}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${market.key}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
  return { status: response.status, text: await response.text() };
}

async function turnOf(speaker: Speaker, history: readonly unknown[], about: Conversation): Promise<Turn> {
  const { status, text } = await send(speaker, history, about);
  expect({ status, text }).toMatchObject({ status: 200 });
  if (!about.isStreamed) return speaker.readBody(JSON.parse(text));
  const lines = text.split('\n').filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]');
  return speaker.readEvents(lines.map((line): unknown => JSON.parse(line.slice('data: '.length))));
}

function onlyCall({ calls }: Turn, name: string): SeenCall {
  expect(calls).toEqual([{ id: expect.stringMatching(/./), name }]);
  return calls[0] ?? { id: '', name: '' };
}

/** The keys under which the dialects of clients carry what only the maker of a thought can read or check. */
const OPAQUE: ReadonlySet<string> = new Set([
  'signature',
  'data',
  'encrypted_content',
  'thoughtSignature',
  'thought_signature',
]);

/** A character in the middle is another one; of a signature that travels under a mark of ours, one of the signature itself. */
function forge(opaque: string): string {
  const isMarked = !/[{"]/.test(opaque) && atobSafely(opaque).includes('{"');
  if (isMarked) return Buffer.from(forge(atobSafely(opaque))).toString('base64');
  const longest = opaque.match(/[A-Za-z0-9+/=_-]+/g)?.toSorted((a, b) => b.length - a.length)[0] ?? '';
  const middle = Math.floor(longest.length / 2);
  const other = longest[middle] === 'A' ? 'B' : 'A';
  return opaque.replace(longest, longest.slice(0, middle) + other + longest.slice(middle + 1));
}

function atobSafely(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

/** A copy in which every opaque string is forged, and how many there were. */
function forgeAll(replay: readonly unknown[]): { readonly forged: readonly unknown[]; readonly count: number } {
  let count = 0;
  const forged: unknown = JSON.parse(JSON.stringify(replay), (key, value: unknown) => {
    if (!OPAQUE.has(key) || typeof value !== 'string' || value === '') return value;
    count += 1;
    return forge(value);
  });
  return { forged: Array.isArray(forged) ? forged : [], count };
}

describe.each([...companies])('a provider that speaks %s', (dialect, company) => {
  describe.each(speakers)('asked by clients of $name', (speaker) => {
    test.each([
      ['whole', false],
      ['streamed', true],
    ])('a loop of three turns keeps ids and signatures, %s', async (way, isStreamed) => {
      const about: Conversation = { model: modelOf(company, 'reason'), company, isStreamed };
      const asked = speaker.said(`Call get_weather for Oslo. (${speaker.name}, ${way})`);
      const first = await turnOf(speaker, asked, about);
      const weather = onlyCall(first, 'get_weather');

      const told = [...asked, ...first.replay, ...speaker.answered(weather, 'Rain 7 C', 'Now call get_time for Oslo.')];
      const second = await turnOf(speaker, told, about);
      const time = onlyCall(second, 'get_time');
      expect(time.id).not.toBe(weather.id);

      const toldAgain = [...told, ...second.replay, ...speaker.answered(time, 'It is 14:05', null)];
      const third = await turnOf(speaker, toldAgain, about);
      expect(third.calls).toEqual([]);
      // The company finds the name of the call by the id that it gave it.
      expect(third.text).toContain('The get_time call returned: It is 14:05');
      if (!VERIFIES.has(dialect)) return;

      const { forged, count } = forgeAll(first.replay);
      expect(count).toBeGreaterThan(0);
      const rest = toldAgain.slice(asked.length + first.replay.length);
      const refused = await send(speaker, [...asked, ...forged, ...rest], about);
      expect({ status: refused.status, text: refused.text }).toMatchObject({ status: 400 });
      expect(at(JSON.parse(refused.text), 'error', 'message')).toMatch(/signature|encrypted|thought/i);
    });
  });
});
