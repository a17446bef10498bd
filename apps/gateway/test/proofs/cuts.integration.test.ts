import { buildProviderRequest, type Provider, type ProviderApi, sandboxProviders } from '@bourse/providers';
import { type SandboxProcess, startSandbox } from '@bourse/testing';
import { createSseParser, type EventDecoder, openaiChat } from '@bourse/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ask } from '../conformance/ask.ts';
import { cases } from '../conformance/cases.ts';
import { chatBody } from '../conformance/clients.ts';
import { sized, tell } from './size.ts';

/**
 * Streams as the sandbox's companies write them, in every dialect, cut into pieces at any byte: what is decoded never depends on where
 * the network cuts. A cut falls into characters, line ends, lengths and checksums alike.
 */
const CUTS = sized({ full: 1_000_000, short: 20_000 });
const CUTS_AT_ONCE_MAX = 40;

let sandbox: SandboxProcess;
beforeAll(async () => {
  sandbox = await startSandbox({ SANDBOX_INSTANT: '1' });
});
afterAll(() => sandbox.stop());

interface Recording {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly api: ProviderApi;
  readonly decoder: () => EventDecoder;
}

async function record(provider: Provider, name: string, ask: Omit<Ask, 'isStreamed'>): Promise<Recording | null> {
  const prompt = openaiChat.decodePrompt({ ...chatBody({ ...ask, isStreamed: true }), max_tokens: 60 });
  const api = provider.apiFor(prompt, `atlas-${ask.model}`);
  if (api === null) throw new Error(`${provider.id} has no conversations`);
  const credential = { apiKey: `sk-sandbox-${provider.id}`, baseUrl: `${sandbox.url}/providers/${provider.id}/v1` };
  const target = {
    upstreamModel: `atlas-${ask.model}`,
    isStreamed: true,
    outputTokensMax: null,
    endpointOutputTokensMax: 8_000,
  };
  const { url, headers, body } = await buildProviderRequest({ provider, api, credential, prompt, target });
  const response = await fetch(url, { method: 'POST', headers, body: String(body) });
  if (response.status !== 200) return null;
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { name: `${provider.id}: ${name}`, bytes, api, decoder: () => api.wire.createDecoder(prompt) };
}

/** What is decoded of bytes that come in these pieces, as text: what must be equal is compared to the last letter. */
function decoded({ bytes, api, decoder }: Recording, cuts: readonly number[]): string {
  const events: unknown[] = [];
  const reader = decoder();
  const parser = (api.wire.createParser ?? createSseParser)((event) => events.push(reader.push(event)));
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    parser.push(bytes.subarray(from, cut));
    from = cut;
  }
  parser.end();
  events.push(reader.end());
  return JSON.stringify(events);
}

/** A sequence that is the same in every run: a failure can be looked at again. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

test(
  'however a stream is cut, the same comes out of it',
  async () => {
    const told = cases.filter(({ fault, name }) => fault === undefined && name !== 'cache usage');
    const recordings: Recording[] = [];
    for (const provider of sandboxProviders) {
      for (const { name, ask } of told) {
        const recording = await record(provider, name, ask);
        if (recording !== null) recordings.push(recording);
      }
    }
    // Every company speaks in at least three of the cases.
    expect(recordings.length).toBeGreaterThanOrEqual(sandboxProviders.length * 3);
    const whole = recordings.map((recording) => decoded(recording, []));
    const random = createRandom(20_261_122);
    let cutsMade = 0;
    for (let round = 0; cutsMade < CUTS; round += 1) {
      const index = round % recordings.length;
      const recording = recordings[index];
      if (recording === undefined) continue;
      const count = 1 + Math.floor(random() * CUTS_AT_ONCE_MAX);
      const cuts = Array.from({ length: count }, () => Math.floor(random() * recording.bytes.length));
      const sorted = cuts.toSorted((left, right) => left - right);
      if (decoded(recording, sorted) !== whole[index]) {
        throw new Error(`${recording.name} cut at ${sorted.join(', ')} says something else`);
      }
      cutsMade += count;
    }
    tell(`${cutsMade} cuts of ${recordings.length} streams of ${sandboxProviders.length} companies: all equal`);
  },
  sized({ full: 1_800_000, short: 120_000 }),
);
