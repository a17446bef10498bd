import type { ChargeOutcome, WrittenCharge } from '@bourse/db';
import { AppError } from '@bourse/errors';
import { nanodollars } from '@bourse/money';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { recordingLog } from '../../test/recording-log.ts';
import { Settler, type SettlerOptions } from './settler.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function charge(generationId: string, organizationId = 'org_1'): WrittenCharge {
  const amount = nanodollars(1n);
  return {
    generationId,
    organizationId,
    apiKeyId: 'key_1',
    charge: amount,
    cost: amount,
    providerSlug: 'sandbox-north',
    leaseId: null,
    hasLosses: false,
    text: '{}',
  };
}

const settled: ChargeOutcome = { kind: 'settled', charged: nanodollars(1n) };
const failed: ChargeOutcome = { kind: 'failed', error: new AppError('internal', 'broken') };
const away = new AppError('service_unavailable', 'away');

/** Books that do what `run` says, and remember the ids of each batch. */
function settlerOver(
  run: (ids: readonly string[], call: number) => Promise<readonly ChargeOutcome[]> | readonly ChargeOutcome[],
  overrides: Partial<SettlerOptions> = {},
) {
  const batches: (readonly string[])[] = [];
  const { log, events } = recordingLog();
  const settler = new Settler({
    leases: {
      settle: async (charges) => {
        const ids = charges.map(({ generationId }) => generationId);
        batches.push(ids);
        return run(ids, batches.length);
      },
    },
    log,
    batchMax: 3,
    lingerMs: 20,
    now: () => Date.now(),
    ...overrides,
  });
  return { settler, batches, events };
}

const all = (ids: readonly string[]) => ids.map(() => settled);

test('charges wait a moment for company and go together, in the order in which they came', async () => {
  const { settler, batches } = settlerOver(all);
  const work = Promise.all([settler.settle(charge('a')), settler.settle(charge('b'))]);
  await vi.advanceTimersByTimeAsync(19);
  expect(batches).toEqual([]);
  expect([settler.pending, settler.oldestMs, settler.hasPending('org_1'), settler.hasPending('org_2')]).toEqual([
    2,
    19,
    true,
    false,
  ]);
  await vi.advanceTimersByTimeAsync(1);
  expect(batches).toEqual([['a', 'b']]);
  expect(await work).toEqual([settled, settled]);
  expect([settler.pending, settler.oldestMs, settler.hasPending('org_1')]).toEqual([0, 0, false]);
});

test('a full batch leaves at once, and what came beyond it follows without another wait when it is full as well', async () => {
  const { settler, batches } = settlerOver(all);
  const work = Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => settler.settle(charge(id))));
  await vi.advanceTimersByTimeAsync(0);
  expect(batches).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e', 'f'],
  ]);
  await vi.advanceTimersByTimeAsync(20);
  expect(batches.at(-1)).toEqual(['g']);
  await work;
});

test('books that are away only delay: the same batch is tried again, more and more slowly, and no charge goes ahead of it', async () => {
  const times: number[] = [];
  const startMs = Date.now();
  const { settler, batches, events } = settlerOver((ids, call) => {
    times.push(Date.now() - startMs);
    if (call <= 6) throw away;
    return all(ids);
  });
  const first = settler.settle(charge('a'));
  await vi.advanceTimersByTimeAsync(100);
  const second = settler.settle(charge('b'));
  await vi.advanceTimersByTimeAsync(10_000);
  expect([await first, await second]).toEqual([settled, settled]);
  expect(batches.slice(0, 7)).toEqual(Array.from({ length: 7 }, () => ['a']));
  expect(batches.slice(7)).toEqual([['b']]);
  expect(times.slice(0, 7)).toEqual([20, 120, 320, 720, 1_520, 2_520, 3_520]);
  expect(events).toEqual(Array.from({ length: 6 }, () => 'money.settle_delayed'));
});

test('a charge that the books refuse holds nobody up, is told, stays pending and is tried again after a minute', async () => {
  let isMended = false;
  const { settler, batches, events } = settlerOver((ids) =>
    ids.map((id) => (id === 'b' && !isMended ? failed : settled)),
  );
  const good = settler.settle(charge('a'));
  const bad = settler.settle(charge('b'));
  await vi.advanceTimersByTimeAsync(20);
  expect(await good).toEqual(settled);
  expect([settler.pending, events]).toEqual([1, ['money.charge_refused']]);
  await vi.advanceTimersByTimeAsync(60_020);
  expect(events).toHaveLength(2);
  isMended = true;
  await vi.advanceTimersByTimeAsync(60_020);
  expect(await bad).toEqual(settled);
  expect([settler.pending, batches.length]).toEqual([0, 3]);
});

test('books that answer too little lose no charge', async () => {
  const { settler, events } = settlerOver((ids, call) => (call === 1 ? [] : all(ids)));
  const work = settler.settle(charge('a'));
  await vi.advanceTimersByTimeAsync(20);
  expect([settler.pending, events]).toEqual([1, ['money.charge_refused']]);
  await vi.advanceTimersByTimeAsync(60_020);
  expect(await work).toEqual(settled);
});

test('a flush waits for nobody: everything that is there is booked now, and what comes later is not waited for', async () => {
  const { settler, batches } = settlerOver(all);
  for (const id of ['a', 'b', 'c', 'd']) void settler.settle(charge(id));
  const flushed = settler.flush(1_000);
  await vi.advanceTimersByTimeAsync(0);
  expect(await flushed).toBe(true);
  expect(batches).toEqual([['a', 'b', 'c'], ['d']]);
  expect(await settler.flush(1_000)).toBe(true);
});

test('a flush gives up in time when the books are away, and the charges go on waiting', async () => {
  let isAway = true;
  const { settler } = settlerOver((ids) => {
    if (isAway) throw away;
    return all(ids);
  });
  const work = settler.settle(charge('a'));
  const flushed = settler.flush(500);
  await vi.advanceTimersByTimeAsync(500);
  expect(await flushed).toBe(false);
  isAway = false;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await work).toEqual(settled);
});

test('a flush that begins just when a batch ends does not spin', async () => {
  const { settler, batches } = settlerOver(all);
  const flushed = settler.settle(charge('a')).then(() => {
    void settler.settle(charge('b'));
    return settler.flush(1_000);
  });
  await vi.advanceTimersByTimeAsync(20);
  expect(await flushed).toBe(true);
  expect(batches).toEqual([['a'], ['b']]);
});

test('after it was stopped nothing is tried any more', async () => {
  const { settler, batches } = settlerOver(() => {
    throw away;
  });
  void settler.settle(charge('a'));
  await vi.advanceTimersByTimeAsync(20);
  settler.stop();
  void settler.settle(charge('b'));
  await vi.advanceTimersByTimeAsync(120_000);
  expect(batches).toEqual([['a']]);
});
