import { ledgerCheck } from '@bourse/db';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, heldAmount, hi, type Market, openMarket } from '../harness.ts';
import { beginStream, frames, hello } from '../scripted-provider.ts';
import { sized, tell } from './size.ts';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';

const STREAMS = sized({ full: 400, short: 80 });
const SEGMENT_BYTES = 64 * 1024;

let disk: SmallDisk;
let market: Market;
beforeAll(async () => {
  disk = await mountSmallDisk();
  market = await openMarket({
    credits: '100',
    environment: { GATEWAY_SPOOL_DIR: disk.root, GATEWAY_SPOOL_SEGMENT_BYTES: String(SEGMENT_BYTES) },
  });
});
afterAll(async () => {
  await market.stop();
  await disk.remove();
});

interface Answered {
  readonly id: string;
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

async function ask(isStreamed: boolean): Promise<Answered> {
  const startMs = performance.now();
  const response = await market.chat({ ...hi, stream: isStreamed });
  const text = await response.text();
  const id = response.headers.get('x-generation-id') ?? '';
  return { id, status: response.status, text, ms: performance.now() - startMs };
}

/** What an answer said that it cost, in nanodollars; -1 when it said nothing. */
function costOf({ text }: Answered): number {
  const cost = /"cost":([\d.e-]+)/.exec(text)?.[1];
  return cost === undefined ? -1 : Math.round(Number(cost) * 1e9);
}

/** Asks until the gateway refuses. */
async function untilRefused(): Promise<{ readonly served: Answered[]; readonly refused: Answered }> {
  const served: Answered[] = [];
  // Two files of the spool hold some hundred charges; they go as they are booked, but no new one comes.
  for (let count = 0; count < 2_000; count += 1) {
    const answer = await ask(false);
    if (answer.status !== 200) return { served, refused: answer };
    served.push(answer);
  }
  throw new Error('a full disk was not noticed');
}

test('with the disk of the spool full new requests are refused at once, running ones end and are charged, and it heals by itself', async () => {
  const gate = Promise.withResolvers<void>();
  market.north.script = async (call) => {
    if (call.body['stream'] !== true) return hello(call);
    beginStream(call.response);
    call.response.write(frames.role + frames.text('hel'));
    await gate.promise;
    call.response.end(frames.text('lo') + frames.finish + frames.usage(10, 5) + frames.done);
  };
  const running = Array.from({ length: STREAMS }, () => ask(true));
  await eventually(
    async () => market.north.calls.length,
    (calls) => calls === STREAMS,
  );
  await disk.fill();

  const { served, refused } = await untilRefused();
  expect(refused.status).toBe(503);
  expect(refused.text).toContain('charges cannot be written down');
  expect(refused.ms).toBeLessThan(1_000);

  gate.resolve();
  const ended = await Promise.all(running);
  for (const answer of ended) expect(answer.text.trimEnd().endsWith('data: [DONE]')).toBe(true);
  const slowestMs = Math.max(...ended.map(({ ms }) => ms));

  await disk.free();
  const freedMs = performance.now();
  await eventually(
    () => ask(false),
    ({ status }) => status === 200,
  );
  const healedMs = performance.now() - freedMs;
  expect(healedMs).toBeLessThan(2_000);

  await market.booked();
  expect(await heldAmount(market)).toBe(0n);
  for (const answer of [...served, ...ended]) {
    const stored = await market.db.generations.find({ id: answer.id, organizationId: market.organizationId });
    expect(Number(stored?.charge ?? -2n)).toBe(costOf(answer));
  }
  expect((await ledgerCheck({ url: market.databaseUrl })).filter(({ differences }) => differences > 0)).toEqual([]);
  tell(
    `disk full (${disk.kind}): ${served.length} served from the room that was left, refused in ${refused.ms.toFixed(0)} ms; ` +
      `${STREAMS} running streams ended and were charged (slowest ${slowestMs.toFixed(0)} ms); healed in ${healedMs.toFixed(0)} ms`,
  );
});
