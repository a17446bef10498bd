import { type Nanodollars, nanodollars } from '@bourse/money';
import { appShapes } from './market-shape.ts';
import { type Random, seededRandom } from './random.ts';

/** Where to send traffic, and how much. */
export interface LiveOptions {
  /** Base URL for OpenAI-compatible clients, ending in `/api/v1`. */
  readonly gatewayUrl: string;
  readonly apiKey: string;
  readonly requestsPerSecond: number;
  readonly count: number;
  readonly seed: string;
  readonly signal: AbortSignal;
}

/** What came of it. `failedAsPlanned` were sent to a model that fails on demand, or does not exist. */
export interface LiveResult {
  readonly answered: number;
  readonly failedAsPlanned: number;
  /** Failures that nobody planned, at most ten. */
  readonly unexpected: readonly string[];
  readonly tokens: number;
  readonly cost: Nanodollars;
}

interface Call {
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly isPlannedToFail: boolean;
}

const REQUEST_TIMEOUT_MS = 60_000;
const SHARE_FAILING = 0.06;
/** Answered by the gateway itself, by a provider that is broken, and by one that is busy. */
const failing = ['sandbox/no-such-model', 'sandbox/fault-500', 'sandbox/fault-429'] as const;
const topics = [
  'the tide tables of a small harbour',
  'how a loom is warped',
  'a parser for opening hours',
  'three names for a bakery by a bridge',
  'why bread stales faster in the cold',
  'a letter to a neighbour about a fallen tree',
  'the difference between a fjord and a ria',
  'a regular expression for train numbers',
] as const;

/** The sandbox models that are worth a chat: those that do not fail on purpose. */
async function listModels(gatewayUrl: string): Promise<readonly string[]> {
  const answer = await fetch(`${gatewayUrl}/models`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  const body: unknown = await answer.json();
  const rows: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'data') : null;
  if (!answer.ok || !Array.isArray(rows)) throw new Error(`${gatewayUrl}/models answered ${answer.status}.`);
  const ids = rows.map((row: unknown) => (typeof row === 'object' && row !== null ? Reflect.get(row, 'id') : null));
  return ids.filter(
    (id): id is string => typeof id === 'string' && id.startsWith('sandbox/') && !/fault|fallback/.test(id),
  );
}

function planCall(models: readonly string[], random: Random): Call {
  const one = <Value>(values: readonly Value[]) => values[Math.floor(random.draw() * values.length)];
  const isPlannedToFail = random.draw() < SHARE_FAILING;
  const app = random.draw() < 0.15 ? undefined : appShapes[random.pick(appShapes.map(({ weight }) => weight))];
  return {
    isPlannedToFail,
    headers: app === undefined ? {} : { 'http-referer': app.url, 'x-title': app.title },
    body: {
      model: isPlannedToFail ? one(failing) : one(models),
      messages: [{ role: 'user', content: `Write about ${one(topics)}.` }],
      max_tokens: 40 + Math.floor(random.draw() * 160),
      ...(random.draw() < 0.7 ? { stream: true } : {}),
    },
  };
}

/** The usage of an answer: of the body, or of the last event that has one. */
function usageOf(text: string, isStreamed: boolean): { tokens: number; cost: bigint } {
  const bodies = isStreamed
    ? text.split('\n').flatMap((line) => (line.startsWith('data: {') ? [line.slice('data: '.length)] : []))
    : [text];
  for (const body of bodies.toReversed()) {
    const value: unknown = JSON.parse(body);
    const usage: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'usage') : null;
    if (typeof usage !== 'object' || usage === null) continue;
    const dollars = Number(Reflect.get(usage, 'cost'));
    return { tokens: Number(Reflect.get(usage, 'total_tokens')), cost: BigInt(Math.round(dollars * 1e9)) };
  }
  throw new Error(`An answer without usage: ${text.slice(0, 200)}`);
}

async function send(call: Call, options: LiveOptions): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${options.gatewayUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${options.apiKey}`, ...call.headers },
    body: JSON.stringify(call.body),
    signal: AbortSignal.any([options.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
  });
  return { status: answer.status, text: await answer.text() };
}

/** Sends a bounded amount of plausible traffic through a running gateway, at a steady pace, and reads every answer to its end. */
export async function sendLiveTraffic(options: LiveOptions): Promise<LiveResult> {
  const models = await listModels(options.gatewayUrl);
  if (models.length === 0) throw new Error('The gateway lists no sandbox models to send traffic to.');
  const random = seededRandom(options.seed);
  const unexpected: string[] = [];
  const totals = { answered: 0, failedAsPlanned: 0, unexpected, tokens: 0, cost: 0n };
  const exchange = async (call: Call): Promise<void> => {
    try {
      const { status, text } = await send(call, options);
      if (status === 200 && !call.isPlannedToFail) {
        const usage = usageOf(text, call.body['stream'] === true);
        totals.answered += 1;
        totals.tokens += usage.tokens;
        totals.cost += usage.cost;
      } else if (call.isPlannedToFail) totals.failedAsPlanned += 1;
      else totals.unexpected.push(`${call.body['model']}: HTTP ${status} ${text.slice(0, 300)}`);
    } catch (error) {
      if (!options.signal.aborted) totals.unexpected.push(`${call.body['model']}: ${String(error)}`);
    }
  };
  const running: Promise<void>[] = [];
  for (let sent = 0; sent < options.count && !options.signal.aborted; sent += 1) {
    running.push(exchange(planCall(models, random)));
    await new Promise((resolve) => setTimeout(resolve, 1_000 / options.requestsPerSecond));
  }
  await Promise.all(running);
  return { ...totals, cost: nanodollars(totals.cost), unexpected: totals.unexpected.slice(0, 10) };
}
