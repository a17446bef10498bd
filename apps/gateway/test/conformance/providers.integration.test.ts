import { providerRegistry, sandboxProviders } from '@bourse/providers';
import { type SandboxProcess, startSandbox } from '@bourse/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callAdapter } from './adapter-call.ts';
import { adapterCases, cases } from './cases.ts';
import { type Cell, publishMatrix } from './matrix.ts';

/** Every provider's adapter against the sandbox in its dialect: what it sends is accepted, what comes back is read. */
let sandbox: SandboxProcess;
const isUpdated = process.env['UPDATE_COMPATIBILITY'] === '1';
beforeAll(async () => {
  sandbox = await startSandbox({ SANDBOX_FIRST_BYTE_MS: '1', SANDBOX_TOKENS_PER_SECOND: '100000' });
});
afterAll(() => sandbox.stop());

const fictional = new Set(sandboxProviders.map(({ id }) => id));
const adapters = [...providerRegistry.values()].filter(({ id }) => !fictional.has(id));
const all = [...cases, ...adapterCases];
const rows = new Map<string, Map<string, Cell>>();

async function strike(provider: string, fault: string): Promise<void> {
  await fetch(`${sandbox.url}/_sandbox/faults`, {
    method: 'POST',
    body: JSON.stringify({ provider, fault, count: 1 }),
  });
}

describe.each(adapters)('$id', (provider) => {
  const cells = new Map<string, Cell>();
  rows.set(provider.id, cells);
  test.each(all)('$name', async ({ name, ask, fault, check }) => {
    for (const way of ['whole', 'streamed'] as const) {
      if (fault !== undefined) await strike(provider.id, fault);
      const asked = { ...ask, model: `sandbox/atlas-${ask.model}`, isStreamed: way === 'streamed' };
      const told = await callAdapter(provider, asked, sandbox.url);
      if ('unsupported' in told) {
        cells.set(name, told);
        return;
      }
      check(told.got, way);
    }
    cells.set(name, 'pass');
  });
});

test('the table of providers in docs/COMPATIBILITY.md is what was seen', () => {
  const { isFresh } = publishMatrix(
    {
      title: 'Providers',
      about:
        "Each row is a provider's adapter against the sandbox in its dialect, asked by a client of `chat/completions`, whole and streamed. What a real provider does with it can only be seen with its key; quirks are from its documentation, with the day on which it was read.",
      rowName: 'provider',
      columns: all.map(({ name }) => name),
      rows,
    },
    isUpdated,
  );
  expect(isFresh).toBe(true);
});
