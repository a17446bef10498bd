import { ledgerCheck } from '@bourse/db';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually, heldAmount, hi, type Market, openMarket } from './harness.ts';
import { beginStream, frames, hello, refuse, type Script } from './scripted-provider.ts';

let market: Market;
beforeAll(async () => {
  market = await openMarket({
    environment: { GATEWAY_RETRIES_MAX: '2', GATEWAY_BREAKER_OPEN_MS: '1000', GATEWAY_CREDENTIAL_REST_MS: '1000' },
  });
});
beforeEach(async () => {
  market.north.script = hello;
  market.south.script = hello;
  // Each test starts with endpoints that are in good standing.
  await eventually(
    async () => {
      for (const only of ['sandbox-north', 'sandbox-south'])
        await (await market.chat({ ...hi, provider: { only: [only] } })).text();
      const before = market.north.calls.length;
      await (await market.chat(hi)).text();
      return market.north.calls.length > before;
    },
    (isAskedFirst) => isAskedFirst,
  );
  market.north.calls.length = 0;
  market.south.calls.length = 0;
});
afterEach(async () => {
  await eventually(
    () => heldAmount(market),
    (held) => held === 0n,
  );
});
afterAll(async () => {
  const failed = (await ledgerCheck({ url: market.databaseUrl, form: 'full' })).filter(
    (check) => check.differences > 0,
  );
  expect(failed).toEqual([]);
  await market.stop();
});

const atNorth = { ...hi, provider: { only: ['sandbox-north'] } };

/** Does something else for the first calls than for the later ones. */
function first(times: number, script: Script): Script {
  let calls = 0;
  return (call) => {
    calls += 1;
    return (calls <= times ? script : hello)(call);
  };
}

const silent: Script = () => undefined;
const reset: Script = ({ request }) => void request.socket.resetAndDestroy();
const garbage: Script = ({ response }) =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end('<html>');

describe('the same endpoint again', () => {
  // Three retries in ten seconds are all that a quiet endpoint has: three cases each.
  test.each<['north' | 'south', string, Script]>([
    ['north', '500', refuse(500)],
    ['north', '503', refuse(503)],
    ['north', '529', refuse(529)],
    ['south', '429 that is over in a second', refuse(429, { 'retry-after': '1' })],
    ['south', 'a reset', reset],
    ['south', 'an answer that is none', garbage],
  ])('the %s after %s, where nobody else is left', async (where, _name, script) => {
    market[where].script = first(1, script);
    const response = await market.chat({ ...hi, provider: { only: [`sandbox-${where}`] } });
    expect(response.status).toBe(200);
    expect(market[where].calls.length).toBe(2);
  });

  test.each([400, 401, 402, 403, 404, 413, 422])('never after %i', async (status) => {
    market.north.script = refuse(status);
    await (await market.chat(atNorth)).text();
    expect(market.north.calls.length).toBe(1);
  });

  test('never after 429 that asks for more than two seconds, and not at all while somebody else can answer', async () => {
    market.north.script = refuse(500);
    expect((await market.chat(hi)).status).toBe(200);
    expect(market.north.calls.length).toBe(1);
    market.north.script = refuse(429, { 'retry-after': '3' });
    expect((await market.chat(atNorth)).status).toBe(429);
    expect(market.north.calls.length).toBe(2);
  });

  test('never more than four attempts of one request', async () => {
    market.north.script = refuse(500);
    market.south.script = refuse(500);
    const response = await market.chat(hi);
    expect(response.status).toBe(502);
    expect((await response.json()).error.metadata.previous_errors.length).toBeLessThanOrEqual(3);
    expect(market.north.calls.length + market.south.calls.length).toBeLessThanOrEqual(4);
  });

  test('what is down is offered a tenth more than clients ask for, and three', async () => {
    market.north.script = refuse(500);
    await Promise.all(Array.from({ length: 60 }, async () => (await market.chat(atNorth)).text()));
    expect(market.north.calls.length).toBeGreaterThanOrEqual(60);
    expect(market.north.calls.length).toBeLessThanOrEqual(69);
  });
});

describe('left alone', () => {
  test('an endpoint that keeps failing, until it is well; the last one is asked all the same', async () => {
    market.north.script = refuse(500);
    for (let count = 0; count < 12; count += 1) await (await market.chat(hi)).text();
    const asked = market.north.calls.length;
    expect(asked).toBeLessThan(12);
    await (await market.chat(atNorth)).text();
    expect(market.north.calls.length).toBe(asked + 1);
    market.north.script = hello;
    await eventually(
      async () => {
        const before = market.north.calls.length;
        await (await market.chat(hi)).text();
        return market.north.calls.length > before;
      },
      { holds: (isAsked) => isAsked, patienceMs: 10_000 },
    );
  });

  test.each([401, 402])('a credential that gets %i; an operator is told, and told when it is back', async (status) => {
    const noticeOf = async () =>
      (await market.db.notices.list({ limit: 10 })).find(({ subject }) => subject === 'sandbox-north');
    market.north.script = refuse(status);
    expect((await market.chat(hi)).status).toBe(200);
    expect((await market.chat(hi)).status).toBe(200);
    expect(market.north.calls.length).toBe(1);
    const raised = await eventually(noticeOf, (notice) => notice?.clearedAt === null);
    expect(raised).toMatchObject({ kind: 'credential_set_aside', subject: 'sandbox-north' });
    expect(raised?.detail).toContain(String(status));
    const metrics = await (await fetch(`${market.root}/metrics`)).text();
    expect(metrics).toContain('bourse_credentials_set_aside{provider="sandbox-north"');
    market.north.script = hello;
    await eventually(
      async () => {
        await (await market.chat(hi)).text();
        return market.north.calls.length;
      },
      (calls) => calls > 1,
    );
    await eventually(noticeOf, (notice) => notice?.clearedAt !== null);
  });

  test('an endpoint that is at its rate limit, for as long as it asks', async () => {
    market.north.script = refuse(429, { 'retry-after': '30' });
    expect((await market.chat(hi)).status).toBe(200);
    expect((await market.chat(hi)).status).toBe(200);
    expect(market.north.calls.length).toBe(1);
    market.north.script = hello;
    expect((await market.chat(atNorth)).status).toBe(200);
  });
});

describe('X-Timeout-Ms', () => {
  test.each(['soon', '', '999', '900001', '1e3', '-5'])('%j is refused by name', async (value) => {
    const response = await market.chat(hi, { headers: { 'x-timeout-ms': value } });
    expect(response.status).toBe(400);
    expect((await response.json()).error.message).toContain('X-Timeout-Ms');
    expect(market.north.calls.length).toBe(0);
  });

  test.each([false, true])(
    'ends a request that takes longer, and harms no endpoint by it (streamed: %s)',
    async (stream) => {
      market.north.script = silent;
      const startedMs = performance.now();
      const response = await market.chat({ ...atNorth, stream }, { headers: { 'x-timeout-ms': '1000' } });
      expect(response.status).toBe(504);
      expect((await response.json()).error.message).toContain('total time limit');
      expect(performance.now() - startedMs).toBeLessThan(8_000);
      market.north.script = hello;
      expect((await market.chat(hi)).status).toBe(200);
      expect(market.north.calls.length).toBe(2);
    },
  );
});

describe('a dearer endpoint is next', () => {
  // The south asks a third more than the north.
  test('one hold covers both, and the charge is at its own price', async () => {
    const held: bigint[] = [];
    const noting =
      (script: Script): Script =>
      async (call) => {
        held.push(await heldAmount(market));
        await script(call);
      };
    market.north.script = noting(refuse(500));
    market.south.script = noting(hello);
    const response = await market.chat(hi);
    expect(response.status).toBe(200);
    const { id } = await response.json();
    await market.booked();
    const record = await market.db.generations.find({ id, organizationId: market.organizationId });
    expect(record?.providerSlug).toBe('sandbox-south');
    expect(held.length).toBe(2);
    expect(held[0]).toBe(held[1]);
    expect(record?.charge).toBeGreaterThan(0n);
    expect(record?.charge).toBeLessThanOrEqual(held[1] ?? 0n);
  });

  test('it is not called where the money does not reach it', async () => {
    market.north.script = refuse(500);
    const messages = [{ role: 'user', content: 'word '.repeat(2_000) }];
    const response = await market.chat({ ...hi, messages, max_cost: 0.0007 });
    expect(response.status).toBe(502);
    expect(market.north.calls.length).toBeGreaterThan(0);
    expect(market.south.calls.length).toBe(0);
  });
});

describe('after the first token', () => {
  test('nobody else is asked, and nobody is asked again', async () => {
    market.north.script = ({ response }) => {
      beginStream(response);
      response.write(frames.role + frames.text('northern'));
      setTimeout(() => response.destroy(), 20);
    };
    const text = await (await market.chat({ ...hi, stream: true })).text();
    expect(text).toContain('northern');
    expect(text).not.toContain('[DONE]');
    expect(market.north.calls.length).toBe(1);
    expect(market.south.calls.length).toBe(0);
  });
});
