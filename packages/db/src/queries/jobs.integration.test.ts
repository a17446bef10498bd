import { createTestDatabase, type TestDatabase } from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../contract.ts';
import { openDatabase } from '../open-database.ts';

let database: TestDatabase;
let other: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  other = openDatabase({ url: database.url, applicationName: 'other-worker' });
});

afterAll(async () => {
  await other.close();
  await database.drop();
});

test('while one runs, everybody else who tries the same name is told so, and runs nothing', async () => {
  const end = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  const first = database.db.jobs.tryLock('roll-up', () => {
    begun.resolve();
    return end.promise;
  });
  await begun.promise;
  let runs = 0;
  const count = async () => ++runs;
  expect(await other.jobs.tryLock('roll-up', count)).toEqual({ kind: 'busy' });
  expect(await database.db.jobs.tryLock('roll-up', count)).toEqual({ kind: 'busy' });
  expect(await other.jobs.tryLock('another', count)).toEqual({ kind: 'ran', result: 1 });
  end.resolve('done');
  expect(await first).toEqual({ kind: 'ran', result: 'done' });
  expect(await other.jobs.tryLock('roll-up', count)).toEqual({ kind: 'ran', result: 2 });
});

test('a run that fails gives its lock back and rejects with its own reason', async () => {
  const failing = database.db.jobs.tryLock('roll-up', () => Promise.reject(new Error('no disk')));
  await expect(failing).rejects.toThrow('no disk');
  expect(await other.jobs.tryLock('roll-up', async () => 'mine')).toEqual({ kind: 'ran', result: 'mine' });
});

test('many at once: exactly one runs at any moment', async () => {
  let running = 0;
  let most = 0;
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      (index % 2 === 0 ? database.db : other).jobs.tryLock('crowd', async () => {
        running += 1;
        most = Math.max(most, running);
        await database.db.health.ping();
        running -= 1;
      }),
    ),
  );
  expect(most).toBe(1);
  expect(outcomes.some(({ kind }) => kind === 'ran')).toBe(true);
});

test('an unreachable database is an answer of its own, not "busy"', async () => {
  const nowhere = openDatabase({ url: 'postgres://nobody:x@127.0.0.1:1/none', applicationName: 'lost' });
  await expect(nowhere.jobs.tryLock('roll-up', async () => 1)).rejects.toMatchObject({ code: 'service_unavailable' });
  await nowhere.close();
});
