import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, heldAmount, type Market, openMarket } from '../harness.ts';
import { sized, tell } from './size.ts';

/** Whatever a client sends, it is answered: with an answer, or with an error that blames the request. Never with 5xx, never with silence. */
const REQUESTS = sized({ full: 100_000, short: 1_500 });
const AT_ONCE = 16;

let market: Market;
beforeAll(async () => {
  market = await openMarket({ credits: '1000' });
});
afterAll(() => market.stop());

const model = 'sandbox/atlas-1';
const only = { provider: { only: ['sandbox-north', 'sandbox-south'] } };
const text = { role: 'user', content: 'Hi' };
const schema = { type: 'object', properties: { city: { type: 'string' } } };

/** A good request of each route, for others to be made of. */
const routes: readonly (readonly [path: string, body: object])[] = [
  [
    '/api/v1/chat/completions',
    {
      model,
      ...only,
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }] },
        text,
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c', content: 'x' },
      ],
      tools: [{ type: 'function', function: { name: 'f', parameters: schema } }],
      tool_choice: 'auto',
      reasoning: { effort: 'low' },
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema } },
      max_tokens: 20,
      stop: ['x'],
    },
  ],
  ['/api/v1/completions', { model, ...only, prompt: 'Hi', max_tokens: 20 }],
  [
    '/api/v1/messages',
    {
      model,
      ...only,
      max_tokens: 20,
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      messages: [
        text,
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'x' }] },
      ],
      tools: [{ name: 'f', input_schema: schema }],
    },
  ],
  [
    '/api/v1/responses',
    {
      model,
      ...only,
      max_output_tokens: 20,
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
        { type: 'function_call', id: 'fc_1', call_id: 'c', name: 'f', arguments: '{}', status: 'completed' },
        { type: 'function_call_output', call_id: 'c', output: 'x' },
      ],
      tools: [{ type: 'function', name: 'f', parameters: schema, strict: false }],
    },
  ],
  [
    `/api/v1beta/models/${model}:generateContent`,
    {
      ...only,
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      tools: [{ functionDeclarations: [{ name: 'f', parameters: { type: 'OBJECT', properties: {} } }] }],
      generationConfig: { maxOutputTokens: 20 },
    },
  ],
];

type Json = ReturnType<typeof JSON.parse>;

/** All places of a JSON value, as paths. */
function placesOf(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const members: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...members.flatMap(([key, member]) => placesOf(member, [...path, key]))];
}

/** A copy with something else at one place; `undefined` takes the place away. */
function mutated(body: object, path: readonly (string | number)[], other: unknown): unknown {
  const [last] = path.slice(-1);
  if (last === undefined) return other;
  const copy: Json = structuredClone(body);
  let parent: Json = copy;
  for (const key of path.slice(0, -1)) parent = parent[key];
  if (other === undefined) delete parent[last];
  else parent[last] = other;
  return copy;
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    undefined,
    null,
    '',
    0,
    -1,
    1e308,
    Number.MAX_SAFE_INTEGER,
    [],
    {},
    [[[[]]]],
    '\u0000',
    '\ud800',
    '__proto__',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

const anyRequest = fc.constantFrom(...routes).chain(([path, body]) =>
  fc.record({
    path: fc.constant(path),
    isStreamed: fc.boolean(),
    changes: fc.array(fc.tuple(fc.constantFrom(...placesOf(body)), anything), { maxLength: 3 }),
    body: fc.constant(body),
    garbage: fc.option(fc.uint8Array({ maxLength: 200 }), { freq: 12 }),
  }),
);

function bytesOf({
  body,
  changes,
  isStreamed,
  garbage,
}: Readonly<ReturnType<typeof sampleOf>>): string | Uint8Array<ArrayBuffer> {
  if (garbage !== null) return new Uint8Array(garbage);
  let changed: unknown = { ...body, ...(isStreamed ? { stream: true } : {}) };
  for (const [path, other] of changes) {
    try {
      changed = mutated(Object(changed), path, other);
    } catch {
      // An earlier change took the place away.
    }
  }
  return JSON.stringify(changed) ?? '';
}

const sampleOf = (seed: number) => fc.sample(anyRequest, { seed, numRuns: 1 })[0] ?? expect.unreachable('no sample');

test(
  'no request makes the gateway fail',
  async () => {
    const statuses = new Map<number, number>();
    let next = 0;
    const client = async (): Promise<void> => {
      for (let seed = next++; seed < REQUESTS; seed = next++) {
        const sample = sampleOf(seed);
        const response = await fetch(`${market.root}${sample.path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${market.key}`, 'content-type': 'application/json' },
          body: bytesOf(sample),
          signal: AbortSignal.timeout(20_000),
        });
        const answer = await response.text();
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
        if (response.status >= 500) {
          throw new Error(
            `seed ${seed}: ${response.status} ${answer.slice(0, 300)} for ${String(bytesOf(sample)).slice(0, 1_500)}`,
          );
        }
        if (response.status !== 200) expect(JSON.parse(answer)).toHaveProperty('error.message');
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    // Some of them must be good, or nothing behind the parser was tried.
    expect(statuses.get(200)).toBeGreaterThan(REQUESTS / 100);
    expect(statuses.get(400)).toBeGreaterThan(REQUESTS / 4);
    await eventually(
      () => heldAmount(market),
      (held) => held === 0n,
    );
    tell(`${REQUESTS} requests: ${[...statuses].map(([status, count]) => `${status}: ${count}`).join(', ')}`);
  },
  sized({ full: 3_600_000, short: 180_000 }),
);
