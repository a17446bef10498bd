import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSandboxMarket, type SandboxMarket } from '../sdk/sandbox-market.ts';
import { type Case, cases } from './cases.ts';
import { type Client, clients } from './clients.ts';
import { companies, modelOf } from './companies.ts';
import { type Cell, publishMatrix } from './matrix.ts';

/** Every dialect of a client against every dialect of a provider, over real sockets, through the whole gateway. */
let market: SandboxMarket;
const isUpdated = process.env['UPDATE_COMPATIBILITY'] === '1';
beforeAll(async () => {
  market = await openSandboxMarket();
});
afterAll(() => market.stop());

/** Dialects whose providers cache only what is marked. */
const CACHES_WHAT_IS_MARKED: ReadonlySet<string> = new Set(['anthropic-messages', 'bedrock-converse']);

/** Why a case cannot be asked; null when it can. */
function lackOf(client: Client, dialect: string, { name, ask }: Case): string | null {
  const lack = client.lacks[name];
  if (lack !== undefined) return `${client.name}: ${lack}`;
  const isUnmarked = ask.isCached === true && !client.marksCache && CACHES_WHAT_IS_MARKED.has(dialect);
  return isUnmarked ? 'the provider caches only what is marked, and the dialect has no mark' : null;
}
const rows = new Map<string, Map<string, Cell>>();

async function strike(company: string, fault: string): Promise<void> {
  await fetch(`${market.sandbox.url}/_sandbox/faults`, {
    method: 'POST',
    body: JSON.stringify({ provider: company, fault, count: 1 }),
  });
}

describe.each([...companies])('a provider that speaks %s', (dialect, company) => {
  describe.each(clients)('asked by clients of $name', (client) => {
    const cells = new Map<string, Cell>();
    rows.set(`${client.name} → ${dialect}`, cells);
    test.each(cases)('$name', async (each) => {
      const { name, ask, fault, check } = each;
      const lack = lackOf(client, dialect, each);
      if (lack !== null) {
        cells.set(name, { unsupported: lack });
        return;
      }
      for (const way of ['whole', 'streamed'] as const) {
        if (fault !== undefined) await strike(company, fault);
        // A prompt of its own for each row, so that one does not read the other's cache.
        const text = `${ask.text} (${client.name})`;
        const system = ask.system === undefined ? {} : { system: `${client.name} ${ask.system}` };
        const got = await client.ask(
          { ...ask, ...system, text, model: modelOf(company, ask.model), isStreamed: way === 'streamed' },
          { root: market.root, key: market.key, company },
        );
        check(got, way);
      }
      cells.set(name, 'pass');
    });
  });
});

test('the matrix in docs/COMPATIBILITY.md is what was seen', () => {
  const { isFresh } = publishMatrix(
    {
      title: 'Clients and providers',
      about:
        'Each row is a dialect that a client speaks and the dialect of the provider that answered; each case is asked whole and streamed. Written by `UPDATE_COMPATIBILITY=1 pnpm vitest run --project integration apps/gateway/test/conformance`.',
      rowName: 'client → provider',
      columns: cases.map(({ name }) => name),
      rows,
    },
    isUpdated,
  );
  expect(isFresh).toBe(true);
});
