import { expect, test } from 'vitest';
import { newAnswer } from './conversation.ts';
import { runAnswer } from './run-answer.ts';

const call = { apiKey: 'sk-brs-v1-x', model: 'acme/one', messages: [], temperature: null, tokensMax: null };

const chunk = (body: object) => `data: ${JSON.stringify(body)}\n\n`;
const text = (content: string) => chunk({ choices: [{ delta: { content } }] });
const usage = chunk({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, cost: 0.00007329 } });
const done = 'data: [DONE]\n\n';

/** A gateway that sends these bytes, cut where the array is cut, and what it was asked. */
function gateway(pieces: readonly string[], init: ResponseInit = {}) {
  const asked: { url: string; headers: Headers; body: unknown }[] = [];
  const encoder = new TextEncoder();
  const fetchFn: typeof fetch = async (input, request) => {
    asked.push({ url: String(input), headers: new Headers(request?.headers), body: JSON.parse(String(request?.body)) });
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = pieces[sent];
        if (piece === undefined) return controller.close();
        sent += 1;
        controller.enqueue(encoder.encode(piece));
      },
    });
    let sent = 0;
    return new Response(body, init);
  };
  return { asked, fetchFn };
}

async function run(fetchFn: typeof fetch, signal = new AbortController().signal, overrides = {}) {
  let ticks = 0;
  const seen: string[] = [];
  const answer = await runAnswer(
    newAnswer('a1', 'acme/one'),
    { ...call, ...overrides },
    {
      fetch: fetchFn,
      signal,
      origin: 'https://bourse.example',
      now: () => (ticks += 100),
      onChange: (next) => seen.push(next.text),
    },
  );
  return { answer, seen };
}

test('an answer grows with every chunk and ends with what it took and how fast it came', async () => {
  const { fetchFn } = gateway([text('Hel'), text('lo'), usage, done], { headers: { 'x-generation-id': 'gen-1' } });
  const { answer, seen } = await run(fetchFn);
  expect(seen).toEqual(['', 'Hel', 'Hello', 'Hello', 'Hello']);
  expect(answer).toMatchObject({
    state: 'done',
    generationId: 'gen-1',
    text: 'Hello',
    stats: {
      inputTokens: 3,
      outputTokens: 2,
      costUsd: '0.000073290',
      firstWordMs: 100,
      writingMs: 100,
    },
  });
});

test('chunks that are cut anywhere, comments and unknown events change nothing', async () => {
  const whole = `: keep-alive\n\n${text('na')}event: ping\ndata: {}\n\ndata: not json\n\n${text('ïve')}${done}`;
  const { fetchFn } = gateway([...whole]);
  expect((await run(fetchFn)).answer).toMatchObject({ state: 'done', text: 'naïve' });
});

test('reasoning is kept apart, under either of its names', async () => {
  const pieces = [
    chunk({ choices: [{ delta: { reasoning: 'first ' } }] }),
    chunk({ choices: [{ delta: { reasoning_content: 'then' } }] }),
    text('so'),
    done,
  ];
  expect((await run(gateway(pieces).fetchFn)).answer).toMatchObject({ reasoning: 'first then', text: 'so' });
});

test('the API is called like any program calls it, with what was set and nothing else', async () => {
  const { fetchFn, asked } = gateway([done]);
  await run(fetchFn, undefined, { temperature: 0, tokensMax: 50 });
  expect(asked[0]?.url).toBe('/api/v1/chat/completions');
  expect(asked[0]?.headers.get('authorization')).toBe('Bearer sk-brs-v1-x');
  expect(asked[0]?.body).toEqual({ model: 'acme/one', messages: [], stream: true, temperature: 0, max_tokens: 50 });
});

test('a refusal fails with the gateway’s own sentence and its status', async () => {
  const body = JSON.stringify({ error: { code: 402, message: 'Add credits to continue.' } });
  const { answer } = await run(gateway([body], { status: 402 }).fetchFn);
  expect(answer).toMatchObject({ state: 'failed', failure: { message: 'Add credits to continue.', status: 402 } });
});

test('a refusal that is not JSON still says its status', async () => {
  const { answer } = await run(gateway(['<html>'], { status: 504 }).fetchFn);
  expect(answer.failure).toEqual({ message: 'The gateway answered with status 504.', status: 504 });
});

test('an error in the stream keeps what was written before it', async () => {
  const broken = chunk({ error: { code: 502, message: 'Acme closed the connection.' }, choices: [] });
  const { answer } = await run(gateway([text('Half'), broken]).fetchFn);
  expect(answer).toMatchObject({
    state: 'failed',
    text: 'Half',
    failure: { message: 'Acme closed the connection.', status: 502 },
  });
});

test('a stream that just ends is not taken for a whole answer', async () => {
  expect((await run(gateway([text('Half')]).fetchFn)).answer).toMatchObject({ state: 'failed', text: 'Half' });
});

test('a gateway that cannot be reached fails with a sentence', async () => {
  const { answer } = await run(() => Promise.reject(new TypeError('fetch failed')));
  expect(answer.failure?.message).toMatch(/cannot be reached/);
});

test('stopping keeps the text and is no failure', async () => {
  const abort = new AbortController();
  const stop: typeof fetch = async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text('Half')));
        abort.signal.addEventListener('abort', () => controller.error(abort.signal.reason));
        setTimeout(() => abort.abort(), 5);
      },
    });
    return new Response(body);
  };
  expect((await run(stop, abort.signal)).answer).toMatchObject({ state: 'stopped', text: 'Half', failure: null });
});
