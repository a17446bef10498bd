import { nanodollarsFromUsd } from '@bourse/money';
import { pause } from '../world/until.ts';

/** What one client saw of its request. */
export interface Seen {
  /** Milliseconds from the request to the first word of an answer; null when none came. */
  readonly firstTokenMs: number | null;
  /** The stream came to its end mark, with its price. */
  readonly isWhole: boolean;
  /** Why it was not: our code for it, by status or in-band; null when nothing said why. */
  readonly error: string | null;
  /** Names of the provider's calls whose words are in the answer. */
  readonly calls: ReadonlySet<string>;
  readonly generationId: string | null;
  /** What the answer said that it cost, in nanodollars. */
  readonly told: bigint | null;
}

/** Where and as whom to ask, and for what providers. */
export interface Asking {
  readonly url: string;
  readonly key: string;
  readonly provider: Readonly<Record<string, unknown>>;
}

const PATIENCE_MS = 90_000;
let asked = 0;
const NOTHING: Seen = {
  firstTokenMs: null,
  isWhole: false,
  error: null,
  calls: new Set(),
  generationId: null,
  told: null,
};

function typeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const { type, code, message } = error as Readonly<Record<string, unknown>>; // any JSON object
  return typeof type === 'string' && code !== undefined && typeof message === 'string' ? type : null;
}

function errorIn(text: string): string | null {
  for (const line of text.split('\n')) {
    if (line.startsWith('data: {') && line.includes('"error"'))
      return typeOf(JSON.parse(line.slice('data: '.length)).error);
  }
  return null;
}

async function readStream(response: Response, startedMs: number): Promise<Seen> {
  const decoder = new TextDecoder();
  let text = '';
  let firstTokenMs: number | null = null;
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    if (firstTokenMs === null && /(?:north|south)\d/.test(text)) firstTokenMs = performance.now() - startedMs;
  }
  const cost = /"cost":(\d+(?:\.\d+)?)/.exec(text)?.[1];
  return {
    firstTokenMs,
    isWhole: text.trimEnd().endsWith('data: [DONE]') && cost !== undefined,
    error: errorIn(text),
    calls: new Set(text.match(/(?:north|south)\d+/g) ?? []),
    generationId: response.headers.get('x-generation-id'),
    told: cost === undefined ? null : nanodollarsFromUsd(cost),
  };
}

/** Asks once, streamed. Never rejects: an answer that breaks off without a word is one that nothing says why of. */
export async function ask({ url, key, provider }: Asking): Promise<Seen> {
  const startedMs = performance.now();
  asked += 1;
  try {
    const response = await fetch(`${url}/api/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'sandbox/atlas-1',
        stream: true,
        max_tokens: 50,
        // A conversation of its own: the same words would go where they went before.
        messages: [{ role: 'user', content: `hi, for the ${asked}th time` }],
        provider,
      }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (response.ok) return await readStream(response, startedMs);
    const body: unknown = await response.json();
    const error = typeof body === 'object' && body !== null && 'error' in body ? typeOf(body.error) : null;
    return { ...NOTHING, error };
  } catch {
    return NOTHING;
  }
}

/** Asks so many times a second, whether or not earlier requests are answered, as customers do. */
export async function askSteadily(
  asking: Asking,
  load: { readonly perSecond: number; readonly seconds: number },
): Promise<readonly Seen[]> {
  const startedMs = performance.now();
  const running: Promise<Seen>[] = [];
  const count = load.perSecond * load.seconds;
  for (let index = 0; index < count; index += 1) {
    const waitMs = startedMs + (index * 1_000) / load.perSecond - performance.now();
    if (waitMs > 0) await pause(waitMs);
    running.push(ask(asking));
  }
  return Promise.all(running);
}
