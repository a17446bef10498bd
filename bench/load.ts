import { Agent, type Dispatcher } from 'undici';
import { requestBody, TEXT, USAGE } from './answers.ts';
import type { IdleOrder, LoadOrder, LoadResult } from './load-plan.ts';

// The load, a process of its own: a closed loop of so many readers, each of which checks what it gets to the last byte.

const PATH = '/api/v1/chat/completions';
const TIMEOUT_MS = 30_000;
const agent = new Agent({ connections: 2_048, pipelining: 1, headersTimeout: TIMEOUT_MS, bodyTimeout: 300_000 });
const idle: Promise<string>[] = [];

/** Text and usage of an answer, streamed or not. Throws when it is not whole. */
function read(body: string, isStreamed: boolean): { text: string; usage: Record<string, unknown> } {
  if (!isStreamed) {
    const answer = JSON.parse(body);
    return { text: answer.choices[0].message.content, usage: answer.usage };
  }
  const lines = body.split('\n').filter((line) => line.startsWith('data: '));
  if (lines.at(-1) !== 'data: [DONE]') throw new Error('the stream does not end with [DONE]');
  let text = '';
  let usage: Record<string, unknown> = {};
  for (const line of lines.slice(0, -1)) {
    const chunk = JSON.parse(line.slice('data: '.length));
    text += chunk.choices[0]?.delta.content ?? '';
    if (chunk.usage) usage = chunk.usage;
  }
  return { text, usage };
}

/** Checks an answer and gives its cost in nanodollars. */
function check(body: string, order: LoadOrder): bigint {
  const { text, usage } = read(body, order.isStreamed);
  if (text !== TEXT) throw new Error(`the text is ${text.length} characters, not the ${TEXT.length} that were sent`);
  if (usage['total_tokens'] !== USAGE.total_tokens) throw new Error(`total_tokens is ${usage['total_tokens']}`);
  if (!order.expectsCost) return 0n;
  const { cost } = usage;
  if (typeof cost !== 'number' || !(cost > 0)) throw new Error(`usage.cost is ${cost}`);
  return BigInt(Math.round(cost * 1e9));
}

function send(order: { url: string; key: string }, body: string): Promise<Dispatcher.ResponseData> {
  return agent.request({
    origin: order.url,
    path: PATH,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${order.key}` },
    body,
  });
}

async function run(order: LoadOrder): Promise<LoadResult> {
  const body = requestBody(order);
  const latenciesMs: number[] = [];
  const wrong: string[] = [];
  const answers: string[] = [];
  let left = order.count;
  const reader = async (): Promise<void> => {
    while (left > 0 && wrong.length < 10) {
      left -= 1;
      const startedAt = performance.now();
      try {
        const { statusCode, body: stream } = await send(order, body);
        const answer = await stream.text();
        latenciesMs.push(performance.now() - startedAt);
        if (statusCode === 200) answers.push(answer);
        else wrong.push(`HTTP ${statusCode}: ${answer.slice(0, 300)}`);
      } catch (error) {
        wrong.push(String(error));
      }
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: order.concurrency }, reader));
  const seconds = (performance.now() - startedAt) / 1_000;
  let cost = 0n;
  // After the clock: reading answers must not slow the load down.
  for (const answer of answers) {
    try {
      cost += check(answer, order);
    } catch (error) {
      wrong.push(`${String(error)}: ${answer.slice(0, 300)}`);
    }
  }
  return { seconds, latenciesMs, costNanodollars: cost.toString(), wrong: wrong.slice(0, 10) };
}

/** Reads the first words of a stream; what comes after them is promised by the second promise. */
function readFirstWords(body: Dispatcher.ResponseData['body']): { begun: Promise<void>; ended: Promise<string> } {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  let text = '';
  body.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
    if (text.includes('word0')) begun.resolve();
  });
  body.on('end', () => {
    begun.reject(new Error('an idle stream ended without a word'));
    ended.resolve(text);
  });
  body.on('error', (error) => {
    begun.reject(error);
    ended.reject(error);
  });
  return { begun: begun.promise, ended: ended.promise };
}

/** Opens streams and reads each up to its first words; they stay open. */
async function openIdle(order: Extract<IdleOrder, { kind: 'open' }>): Promise<number> {
  const body = requestBody({ model: order.model, isStreamed: true, play: 'idle' });
  let left = order.count;
  const opener = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const response = await send(order, body);
      if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}: ${await response.body.text()}`);
      const { begun, ended } = readFirstWords(response.body);
      ended.catch(() => undefined); // told when the stream is finished
      idle.push(ended);
      await begun;
    }
  };
  await Promise.all(Array.from({ length: 16 }, opener));
  return idle.length;
}

async function obey(order: LoadOrder | IdleOrder): Promise<unknown> {
  if (order.kind === 'run') return run(order);
  if (order.kind === 'open') return openIdle(order);
  const texts = await Promise.all(idle.splice(0));
  for (const text of texts) if (read(text, true).text !== TEXT) throw new Error('an idle stream lost its words');
  return texts.length;
}

process.on('message', (message: LoadOrder | IdleOrder | string) => {
  if (typeof message === 'string') return; // for the probe
  obey(message).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ failure: String(error) }),
  );
});
process.channel?.ref(); // orders are all that it lives for
process.send?.({ port: 0 });
