import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from '../world/random.ts';
import { pause } from '../world/until.ts';

/** What a provider does instead of answering well. `cut` ends a stream after its first tokens; the others strike before. */
export const faults = ['reset', '429', '500', 'hang', 'cut', 'garbage'] as const;

/** A kind of failure. */
export type Fault = (typeof faults)[number];

/** How one provider behaves now. */
export interface Behaviour {
  /** What may happen to a call, each as likely as the others; empty = nothing. */
  readonly faults: readonly Fault[];
  /** Share of calls that it happens to. */
  readonly rate: number;
  /** Milliseconds before a fault strikes. */
  readonly delayMs?: number;
}

/** A provider that does what it is told, and counts. Every answer repeats the name of its call, so that nobody's words can pass for another's. */
export interface Provider {
  behaviour: Behaviour;
  /** Calls that came. */
  calls: number;
  /** Calls that it is at now, and the most that it was at since somebody set this back. */
  running: number;
  runningMax: number;
}

/** The two providers behind `sandbox/atlas-1` that take part. */
export interface Providers {
  /** For BOURSE_SANDBOX_URL. */
  readonly url: string;
  readonly north: Provider;
  readonly south: Provider;
  readonly close: () => Promise<void>;
}

/** They behave. */
export const well: Behaviour = { faults: [], rate: 0 };

const FIRST_TOKEN_MS_LEAST = 80;
const FIRST_TOKEN_MS_MORE = 160;
const GAP_MS = 5;
const WORDS = 6;
const WORDS_BEFORE_CUT = 3;

const event = (fields: object): string =>
  `data: ${JSON.stringify({ id: 'up', object: 'chat.completion.chunk', created: 1, model: 'up', ...fields })}\n\n`;
const word = (content: string): string => event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });

async function answerWell(
  response: ServerResponse,
  name: string,
  how: { readonly isCut: boolean; readonly firstMs: number },
): Promise<void> {
  await pause(how.firstMs);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let count = 0; count < WORDS; count += 1) {
    if (how.isCut && count === WORDS_BEFORE_CUT) {
      response.destroy();
      return;
    }
    response.write(word(`${name} `));
    await pause(GAP_MS);
  }
  const usage = { prompt_tokens: 10, completion_tokens: WORDS, total_tokens: 10 + WORDS };
  const end = event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  response.end(`${end}${event({ choices: [], usage })}data: [DONE]\n\n`);
}

async function fail(response: ServerResponse, fault: Exclude<Fault, 'cut'>, isOdd: boolean): Promise<void> {
  switch (fault) {
    case 'reset':
      response.req.socket.resetAndDestroy();
      return;
    case '429':
    case '500':
      response.writeHead(Number(fault), { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: 'no', type: 'error', param: null, code: null } }));
      return;
    case 'garbage':
      // A page of somebody's proxy under 200, or a stream that is none.
      response.writeHead(200, { 'content-type': isOdd ? 'text/html' : 'text/event-stream' });
      response.end(isOdd ? '<html>Welcome</html>' : 'data: {"choices":[{"del\n\ndata: \u0000\n\n');
      return;
    case 'hang':
      await new Promise((resolve) => response.once('close', resolve));
  }
}

async function serve(
  provider: Provider,
  response: ServerResponse,
  parts: { readonly name: string; readonly random: Random },
): Promise<void> {
  const { faults: kinds, rate, delayMs = 0 } = provider.behaviour;
  const [first, ...others] = kinds;
  const fault = first !== undefined && parts.random.isChance(rate) ? parts.random.of([first, ...others]) : null;
  if (fault === null || fault === 'cut') {
    const firstMs = FIRST_TOKEN_MS_LEAST + parts.random.next() * FIRST_TOKEN_MS_MORE;
    return answerWell(response, parts.name, { isCut: fault === 'cut', firstMs });
  }
  await pause(delayMs);
  return fail(response, fault, provider.calls % 2 === 1);
}

/** Starts both on one free port of this machine, where the sandbox would have them. */
export async function startProviders(random: Random): Promise<Providers> {
  const create = (): Provider => ({ behaviour: well, calls: 0, running: 0, runningMax: 0 });
  const byName: Readonly<Record<'north' | 'south', Provider>> = { north: create(), south: create() };
  const server = createServer((request, response) => {
    response.on('error', () => undefined); // whoever asked has left
    const name = request.url?.includes('/sandbox-north/') === true ? 'north' : 'south';
    const provider = byName[name];
    provider.calls += 1;
    provider.running += 1;
    provider.runningMax = Math.max(provider.runningMax, provider.running);
    response.once('close', () => {
      provider.running -= 1;
    });
    request.resume();
    const call = `${name}${provider.calls}`;
    request.once('end', () => void serve(provider, response, { name: call, random }).catch(() => response.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return {
    url: `http://127.0.0.1:${port}`,
    ...byName,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
