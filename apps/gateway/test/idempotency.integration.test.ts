import { once } from 'node:events';
import { ledgerCheck } from '@bourse/db';
import { generateApiKey } from '@bourse/ids';
import type { SqlClient } from '@bourse/testing';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, heldAmount, hi, type Market, openMarket, unknownKey } from './harness.ts';
import {
  type Ask,
  askAt,
  chargesOf,
  expectConflict,
  expectReplayOf,
  secondGateway,
  spent,
  sqlOf,
} from './idempotency-harness.ts';
import { beginStream, frames, hello, refuse, type Script } from './scripted-provider.ts';

let market: Market;
let sql: SqlClient;
let ask: Ask;
let names = 0;
/** A new idempotency key. */
const newKey = (): string => `test ${++names}`;
const streamed = { ...hi, stream: true };

beforeAll(async () => {
  market = await openMarket();
  sql = await sqlOf(market);
  ask = askAt(market.url, market.key);
});
afterEach(async () => {
  // Whatever the ending was: the hold is resolved and the books agree.
  await eventually(
    () => heldAmount(market),
    (held) => held === 0n,
  );
  expect(
    (await ledgerCheck({ url: market.databaseUrl, form: 'full' })).filter((check) => check.differences > 0),
  ).toEqual([]);
  market.north.script = hello;
  market.south.script = hello;
  market.north.calls.length = 0;
  market.south.calls.length = 0;
});
afterAll(async () => {
  await sql.end();
  await market.stop();
});

function scripts(script: Script): void {
  market.north.script = script;
  market.south.script = script;
}

const providerCalls = (): number => market.north.calls.length + market.south.calls.length;

test.each([
  ['a whole answer', hi],
  ['a stream', streamed],
])('%s is given again byte for byte, under its generation id, and charged once', async (_name, body) => {
  const key = newKey();
  const before = await spent(market);
  const first = await ask(key, body);
  expect(first).toMatchObject({ status: 200, isReplayed: false });
  const charged = (await spent(market)) - before;
  expect(charged).toBeGreaterThan(0n);
  for (let retry = 0; retry < 3; retry += 1) expectReplayOf(first, await ask(key, body));
  expect(providerCalls()).toBe(1);
  expect((await spent(market)) - before).toBe(charged);
  expect(await chargesOf(sql, first.generationId)).toEqual({ count: 1, sum: charged });
});

test('the answer is stored when its last byte arrives: a retry at that moment is a replay', async () => {
  for (let round = 0; round < 20; round += 1) {
    const key = newKey();
    const first = await ask(key, round % 2 === 0 ? hi : streamed);
    expectReplayOf(first, await ask(key, round % 2 === 0 ? hi : streamed));
  }
  expect(providerCalls()).toBe(20);
});

test('the last words of a stream wait until the answer is stored, the other chunks do not', async () => {
  const more = Promise.withResolvers<void>();
  scripts(async ({ response }) => {
    beginStream(response);
    response.write(frames.text('one'));
    await more.promise;
    response.end(frames.text(' two') + frames.finish + frames.usage(10, 5) + frames.done);
  });
  const response = await market.chat(streamed, { headers: { 'idempotency-key': newKey() } });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const readUntil = async (word: string): Promise<void> => {
    while (!text.includes(word)) {
      const read = await reader?.read();
      if (read === undefined || read.done) throw new Error(`${word} never came`);
      text += read.value;
    }
  };
  await readUntil('one');
  const blocker = await sqlOf(market);
  await blocker.query('BEGIN');
  await blocker.query(`SELECT 1 FROM idempotent_answer WHERE state = 'running' FOR UPDATE`);
  more.resolve();
  await readUntil('two');
  const last = readUntil('[DONE]');
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%SET state%'`;
  await eventually(
    () => sql.query(waiting),
    ({ rowCount }) => rowCount === 1,
  );
  expect(text).not.toContain('[DONE]');
  await blocker.end();
  await last;
});

test('without the header nothing is kept and every request is run', async () => {
  const { rows: before } = await sql.query('SELECT count(*) FROM idempotent_answer');
  await (await market.chat(hi)).text();
  await (await market.chat(hi)).text();
  expect(providerCalls()).toBe(2);
  expect((await sql.query('SELECT count(*) FROM idempotent_answer')).rows).toEqual(before);
});

test('another body under the same key is refused, charges nothing, and leaves the first answer as it was', async () => {
  const key = newKey();
  const first = await ask(key);
  const before = await spent(market);
  for (const body of [{ ...hi, max_tokens: 99 }, streamed, { not: 'a chat' }])
    expectConflict(await ask(key, body), 'idempotency_key_reused');
  expect(await spent(market)).toBe(before);
  expectReplayOf(first, await ask(key));
});

test.each([
  ['empty', ''],
  ['256 characters', 'x'.repeat(256)],
  ['not ASCII', 'caf\u00e9'],
])('a key that is %s is a 400', async (_name, key) => {
  const seen = await ask(key);
  expect(seen.status).toBe(400);
  expect(JSON.parse(seen.text).error.metadata).toMatchObject({ header: 'idempotency-key' });
  expect(providerCalls()).toBe(0);
});

test.each([
  ['whole', hi],
  ['streamed', streamed],
])('of 50 concurrent %s duplicates one calls the provider, and all get its answer', async (_name, body) => {
  const key = newKey();
  const before = await spent(market);
  const release = Promise.withResolvers<void>();
  scripts(async (call) => {
    await release.promise;
    await hello(call);
  });
  const asked = Array.from({ length: 50 }, () => ask(key, body));
  await eventually(
    async () => providerCalls(),
    (calls) => calls === 1,
  );
  release.resolve();
  const all = await Promise.all(asked);
  const first = all.find((seen) => !seen.isReplayed);
  if (first === undefined) throw new Error('nobody was first');
  expect(all.filter((seen) => seen.isReplayed)).toHaveLength(49);
  for (const seen of all.filter(({ isReplayed }) => isReplayed)) expectReplayOf(first, seen);
  expect(providerCalls()).toBe(1);
  const charged = (await spent(market)) - before;
  expect(await chargesOf(sql, first.generationId)).toEqual({ count: 1, sum: charged });
});

test('two gateways are one: duplicates at the other wait for the first, with no connection each', async () => {
  const second = await secondGateway(market);
  try {
    const key = newKey();
    const release = Promise.withResolvers<void>();
    scripts(async (call) => {
      await release.promise;
      await hello(call);
    });
    const first = ask(key, streamed);
    await eventually(
      async () => providerCalls(),
      (calls) => calls === 1,
    );
    const others = Array.from({ length: 10 }, () => second.ask(key, streamed));
    // The second gateway has two connections; with ten waiters it still serves others.
    expect((await second.ask('not a duplicate', { ...hi, model: 'no/such' })).status).toBe(400);
    release.resolve();
    const seen = await first;
    for (const other of await Promise.all(others)) expectReplayOf(seen, other);
    expect(providerCalls()).toBe(1);
  } finally {
    await second.stop();
  }
});

test('a duplicate does not wait longer than a request may take', async () => {
  const second = await secondGateway(market, { environment: { GATEWAY_TOTAL_TIMEOUT_MS: '300' } });
  try {
    const key = newKey();
    const release = Promise.withResolvers<void>();
    scripts(async (call) => {
      await release.promise;
      await hello(call);
    });
    const first = ask(key);
    await eventually(
      async () => providerCalls(),
      (calls) => calls === 1,
    );
    const late = await second.ask(key);
    expectConflict(late, 'idempotency_in_progress');
    expect(late.headers.get('retry-after')).toBe('1');
    release.resolve();
    expectReplayOf(await first, await second.ask(key));
  } finally {
    await second.stop();
  }
});

test('a refusal before any charge frees the key, also for another body', async () => {
  const key = newKey();
  const before = await spent(market);
  expect((await ask(key, { ...hi, temperature: 99 })).status).toBe(400);
  scripts(refuse(500));
  expect((await ask(key)).status).toBe(502);
  expect((await ask(key, streamed)).status).toBe(502);
  scripts(refuse(429));
  expect((await ask(key)).status).toBe(429);
  expect(await spent(market)).toBe(before);
  scripts(hello);
  const answered = await ask(key);
  expect(answered).toMatchObject({ status: 200, isReplayed: false });
  expectReplayOf(answered, await ask(key));
});

test('duplicates that waited for a failure try for themselves, one after the other', async () => {
  const key = newKey();
  const release = Promise.withResolvers<void>();
  scripts(async (call) => {
    await release.promise;
    await (providerCalls() <= 2 ? refuse(500)(call) : hello(call));
  });
  const asked = Array.from({ length: 8 }, () => ask(key));
  await eventually(
    async () => providerCalls(),
    (calls) => calls === 1,
  );
  release.resolve();
  const all = await Promise.all(asked);
  expect(all.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 200, 200, 200, 200, 200, 502]);
  // Two calls of the one that failed, one of the one that answered.
  expect(providerCalls()).toBe(3);
});

test('a stream that fails in-band and charged nothing frees the key', async () => {
  const key = newKey();
  const before = await spent(market);
  scripts(({ response }) => {
    beginStream(response);
    response.write(frames.text('partial'), () => response.destroy());
  });
  const failed = await ask(key, streamed);
  expect(failed.text).toContain('"finish_reason":"error"');
  expect(await spent(market)).toBe(before);
  scripts(hello);
  const answered = await ask(key, streamed);
  expect(answered).toMatchObject({ status: 200, isReplayed: false });
  expect(answered.text).toContain('[DONE]');
});

test.each([
  ['whole answer', hi],
  ['stream', streamed],
])('a client that hangs up on a %s before anything came costs nothing, and his retry runs', async (_name, body) => {
  const key = newKey();
  const before = await spent(market);
  scripts(() => undefined);
  const abort = new AbortController();
  const asked = ask(key, body, { signal: abort.signal });
  await eventually(
    async () => providerCalls(),
    (count) => count === 1,
  );
  abort.abort();
  await expect(asked).rejects.toThrow();
  scripts(hello);
  const retry = await ask(key, body);
  expect(retry).toMatchObject({ status: 200, isReplayed: false });
  const charged = (await spent(market)) - before;
  expect(await chargesOf(sql, retry.generationId)).toEqual({ count: 1, sum: charged });
});

async function hangUpAfterFirst(request: (signal: AbortSignal) => Promise<Response>): Promise<string> {
  const abort = new AbortController();
  const response = await request(abort.signal);
  await response.body?.getReader().read();
  abort.abort();
  return response.headers.get('x-generation-id') ?? '';
}

test('a stream that was cut by its client and charged for what it delivered is never run again', async () => {
  const key = newKey();
  scripts(({ response }) => {
    beginStream(response);
    response.write(frames.role + frames.text('one two three'));
  });
  const id = await hangUpAfterFirst((signal) => market.chat(streamed, { headers: { 'idempotency-key': key }, signal }));
  await eventually(
    () => chargesOf(sql, id),
    ({ count }) => count === 1,
  );
  scripts(hello);
  const before = await spent(market);
  const retry = await ask(key, streamed);
  expectConflict(retry, 'idempotency_incomplete');
  expect(retry.generationId).toBe(id);
  expect(await spent(market)).toBe(before);
  expect(providerCalls()).toBe(1);
});

test('a stream that was read on after its client left is whole, and the retry gets it', async () => {
  const second = await secondGateway(market, { credentials: { 'sandbox-west': market.north.url } });
  try {
    const key = newKey();
    const body = { ...streamed, provider: { only: ['sandbox-west'] } };
    const more = Promise.withResolvers<void>();
    scripts(async ({ response }) => {
      beginStream(response);
      response.write(frames.role + frames.text('one'));
      await more.promise;
      response.end(frames.text(' two') + frames.finish + frames.usage(10, 5) + frames.done);
    });
    const id = await hangUpAfterFirst((signal) =>
      fetch(`${second.url}/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${market.key}`, 'idempotency-key': key },
        body: JSON.stringify(body),
        signal,
      }),
    );
    const retry = second.ask(key, body);
    more.resolve();
    const seen = await retry;
    expect(seen).toMatchObject({ status: 200, isReplayed: true, generationId: id });
    expect(seen.text).toMatch(/one.*two.*\[DONE\]/s);
    expect(providerCalls()).toBe(1);
    await spent(market, second.url);
    expect((await chargesOf(sql, id)).count).toBe(1);
  } finally {
    await second.stop();
  }
});

test.each([
  ['whole', hi],
  ['streamed', streamed],
])('a %s answer that is too large is given once, and a retry is refused instead of charged', async (_name, body) => {
  const key = newKey();
  const text = 'x'.repeat(110_000);
  scripts(({ response, body: { stream } }) => {
    if (stream === true) {
      beginStream(response);
      const pieces = Array.from({ length: 40 }, () => frames.text(text)).join('');
      response.end(pieces + frames.finish + frames.usage(10, 5) + frames.done);
      return;
    }
    const message = { role: 'assistant', content: text.repeat(40) };
    response.end(
      JSON.stringify({
        id: 'x',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
      }),
    );
  });
  const first = await ask(key, body);
  expect(first.status).toBe(200);
  expect(first.text.length).toBeGreaterThan(4_400_000);
  const before = await spent(market);
  const retry = await ask(key, body);
  expectConflict(retry, 'idempotency_answer_too_large');
  expect(retry.generationId).toBe(first.generationId);
  expect(await spent(market)).toBe(before);
  expect(providerCalls()).toBe(1);
});

test('a stream that its own ceiling ended is what a retry gets, too', async () => {
  const key = newKey();
  scripts(async ({ response }) => {
    beginStream(response);
    for (let count = 0; count < 2_000 && !response.destroyed; count += 1)
      if (!response.write(frames.text(`word ${count} `))) await once(response, 'drain');
    response.end(frames.finish + frames.done);
  });
  const body = { ...streamed, max_tokens: 4_000, max_cost: '0.0005' };
  const first = await ask(key, body);
  expect(first.text).toContain('"reason":"max_cost"');
  const before = await spent(market);
  expectReplayOf(first, await ask(key, body));
  expect(await spent(market)).toBe(before);
  expect(providerCalls()).toBe(1);
  expect((await chargesOf(sql, first.generationId)).count).toBe(1);
});

test('after a day a key is new', async () => {
  const key = newKey();
  const first = await ask(key);
  const { rowCount } = await sql.query(
    `UPDATE idempotent_answer SET expires_at = now() WHERE generation_id = $1 AND expires_at BETWEEN now() + interval '23 hours' AND now() + interval '24 hours'`,
    [first.generationId],
  );
  expect(rowCount).toBe(1);
  const next = await ask(key, { ...hi, max_tokens: 99 });
  expect(next).toMatchObject({ status: 200, isReplayed: false });
  expect(next.generationId).not.toBe(first.generationId);
});

test('another API key of the same organization with the same idempotency key is another request', async () => {
  const key = newKey();
  const first = await ask(key);
  const { plaintext } = await market.db.keys.create({
    organizationId: market.organizationId,
    createdByUserId: null,
    kind: 'inference',
    name: 'other',
    plaintext: generateApiKey('inference'),
  });
  const other = await ask(key, hi, { key: plaintext });
  expect(other).toMatchObject({ status: 200, isReplayed: false });
  expect(other.generationId).not.toBe(first.generationId);
  expectReplayOf(first, await ask(key));
  expect((await ask(key, hi, { key: unknownKey() })).status).toBe(401);
  expect((await ask(key, hi, { key: market.managementKey })).status).toBe(403);
});

test('an answer whose stored form was changed, or moved to another generation, is refused and never run again', async () => {
  const changes = [
    'sealed = set_byte(sealed, 60, get_byte(sealed, 60) # 1)',
    `generation_id = 'gen-1786000000-ABCDEFGHIJKLMNOPQRST'`,
    `sealed = '\\x00'`,
  ];
  for (const change of changes) {
    const key = newKey();
    const first = await ask(key);
    const before = await spent(market);
    await sql.query(`UPDATE idempotent_answer SET ${change} WHERE generation_id = $1`, [first.generationId]);
    expectConflict(await ask(key), 'idempotency_answer_unreadable');
    expect(await spent(market)).toBe(before);
  }
});

test('neither prompt nor answer nor key can be found in the database', async () => {
  const key = 'canary-key-5f1d';
  const script: Script = ({ response }) => {
    beginStream(response);
    response.end(frames.text('canary-answer-9c2e') + frames.finish + frames.usage(10, 5) + frames.done);
  };
  scripts(script);
  const first = await ask(key, { ...streamed, messages: [{ role: 'user', content: 'canary-prompt-77ab' }] });
  expect(first.text).toContain('canary-answer-9c2e');
  const { rows } = await sql.query('SELECT * FROM idempotent_answer WHERE generation_id = $1', [first.generationId]);
  const [row] = rows;
  expect(row?.sealed).toBeInstanceOf(Buffer);
  const stored = JSON.stringify(row) + row.sealed.toString('latin1');
  expect(stored).not.toMatch(/canary/);
  expect(stored).not.toContain(market.key);
});

/** The official SDK behind a line that loses the first answer after it was given. */
function lossyClient(Client: typeof OpenAI): { client: OpenAI; attempts: () => number } {
  let attempts = 0;
  const lossyFetch: typeof fetch = async (url, init) => {
    attempts += 1;
    const response = await fetch(url, init);
    if (attempts > 1) return response;
    await response.text();
    throw new TypeError('the line went dead');
  };
  const client = new Client({ baseURL: market.url, apiKey: market.key, maxRetries: 2, fetch: lossyFetch });
  return { client, attempts: () => attempts };
}

test('the OpenAI SDK retries safely with the header as an option of the call', async () => {
  const { client, attempts } = lossyClient(OpenAI);
  const before = await spent(market);
  const completion = await client.chat.completions.create(
    { model: hi.model, messages: [{ role: 'user', content: 'hi' }] },
    { headers: { 'Idempotency-Key': newKey() } },
  );
  expect(completion.choices[0]?.message.content).toBe('hello');
  expect(attempts()).toBe(2);
  expect(providerCalls()).toBe(1);
  const charged = (await spent(market)) - before;
  expect(await chargesOf(sql, completion.id)).toEqual({ count: 1, sum: charged });
});

test('the OpenAI SDK makes every call safe by itself once it knows the name of the header', async () => {
  class SafeOpenAI extends OpenAI {
    protected override idempotencyHeader = 'Idempotency-Key';
  }
  const { client, attempts } = lossyClient(SafeOpenAI);
  const stream = await client.chat.completions.create({
    model: hi.model,
    messages: [{ role: 'user', content: 'hi' }],
    stream: true,
  });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  expect(text).toBe('hello');
  expect(attempts()).toBe(2);
  expect(providerCalls()).toBe(1);
  await client.chat.completions.create(
    { model: hi.model, messages: [{ role: 'user', content: 'hi' }] },
    { idempotencyKey: 'mine' },
  );
  await expect(
    client.chat.completions.create(
      { model: hi.model, messages: [{ role: 'user', content: 'bye' }] },
      { idempotencyKey: 'mine' },
    ),
  ).rejects.toBeInstanceOf(OpenAI.ConflictError);
  // The 409 was not repeated.
  expect(attempts()).toBe(4);
});
