import { ledgerCheck } from '@bourse/db';
import { createTestDatabase, type TestDatabase } from '@bourse/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HistoryRun, makeHistory } from './make-history.ts';

let database: TestDatabase;
let lines: string[];

beforeEach(async () => {
  database = await createTestDatabase();
  lines = [];
});
afterEach(() => database.drop());

const run = (changes: Partial<HistoryRun> = {}): HistoryRun => ({
  databaseUrl: database.url,
  days: 35,
  count: 1_500,
  markupBpsDefault: 500,
  now: Date.now,
  print: (line) => lines.push(line),
  signal: new AbortController().signal,
  ...changes,
});

async function brokenPromises() {
  const results = await ledgerCheck({ url: database.url, form: 'full' });
  return results.filter(({ differences }) => differences > 0);
}

async function requestsOf30Days(): Promise<number> {
  const ranks = await database.db.rankings.topModels({ period: 'month', now: new Date(), limit: 1_000 });
  return ranks.reduce((sum, { requests }) => sum + requests, 0);
}

test('the history is in the books, in the rankings, and marked as demo data; the books add up', async () => {
  await makeHistory(run());
  expect(await brokenPromises()).toEqual([]);
  expect(await database.db.ledger.openHolds()).toEqual({ count: 0, overdue: 0 });
  expect(await database.db.rankings.isDemoMarket()).toBe(true);
  const ranks = await database.db.rankings.topModels({ period: 'month', now: new Date(), limit: 1_000 });
  expect(ranks.length).toBeGreaterThanOrEqual(35);
  const apps = await database.db.rankings.topApps({ period: 'week', now: new Date(), limit: 20 });
  expect(apps.length).toBeGreaterThanOrEqual(10);
  expect(apps.every(({ app }) => app.isDemo)).toBe(true);
  expect(lines.at(-1)).toMatch(/generations of \d+ models with .* billion tokens/);
});

test('a second run does nothing, also with other options on another day', async () => {
  await makeHistory(run());
  const requests = await requestsOf30Days();
  lines = [];
  await makeHistory(run({ count: 3_000, now: () => Date.now() + 86_400_000 }));
  expect(lines).toEqual(['The demo market has its history already.']);
  expect(await requestsOf30Days()).toBe(requests);
});

test('a run that is stopped half-way is completed by the next one, without anything twice', async () => {
  const stopping = new AbortController();
  const stopped = makeHistory(
    run({
      print: (line) => {
        if (line.includes('1000 of')) stopping.abort(new Error('stopped by a person'));
      },
      signal: stopping.signal,
    }),
  );
  await expect(stopped).rejects.toThrow('stopped by a person');
  await makeHistory(run());
  const interrupted = await requestsOf30Days();
  expect(await brokenPromises()).toEqual([]);

  const other = await createTestDatabase();
  try {
    await makeHistory(run({ databaseUrl: other.url }));
    const ranks = await other.db.rankings.topModels({ period: 'month', now: new Date(), limit: 1_000 });
    // Both begin at the creation of their organizations, seconds apart: an hour's border may lie between them.
    const whole = ranks.reduce((sum, { requests }) => sum + requests, 0);
    expect(Math.abs(interrupted - whole)).toBeLessThanOrEqual(20);
  } finally {
    await other.drop();
  }
});
