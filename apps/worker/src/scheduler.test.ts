import { createLogger, createMetrics } from '@bourse/telemetry';
import { expect, test } from 'vitest';
import type { Job } from './job.ts';
import { type Scheduler, startScheduler, type TryLock } from './scheduler.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

const freeLock: TryLock = async (_name, run) => ({ kind: 'ran', result: await run() });
const busyLock: TryLock = async () => ({ kind: 'busy' });

/** A scheduler over a clock that jumps to the end of each pause, one pause at a time. */
function start(jobs: readonly Job[], options: { tryLock?: TryLock; draw?: () => number } = {}) {
  let nowMs = 1_000_000;
  const pauses: number[] = [];
  let wake: (() => void)[] = [];
  const metrics = createMetrics('worker');
  const scheduler: Scheduler = startScheduler(jobs, {
    tryLock: options.tryLock ?? freeLock,
    metrics: createWorkerMetrics(metrics),
    log: createLogger({ name: 'test', level: 'silent' }),
    now: () => nowMs,
    draw: options.draw ?? (() => 0.5),
    pause: (ms, stopping) => {
      pauses.push(ms);
      const { promise, resolve } = Promise.withResolvers<void>();
      if (stopping.aborted) resolve();
      stopping.addEventListener('abort', () => resolve());
      wake.push(() => {
        nowMs += ms;
        resolve();
      });
      return promise;
    },
  });
  /** Ends every pause that is on, and lets what follows settle until it pauses again. */
  const tick = async () => {
    const due = wake;
    wake = [];
    for (const end of due) end();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const advance = (ms: number) => {
    nowMs += ms;
  };
  return { scheduler, pauses, tick, advance, metrics };
}

const job = (run: Job['run'], changes: Partial<Job> = {}): Job => ({
  name: 'count',
  everyMs: 5_000,
  isExclusive: false,
  run,
  ...changes,
});

test('a job runs soon after the start and then at its interval, give or take a tenth', async () => {
  let runs = 0;
  const draws = [0.5, 0, 1];
  const { pauses, tick, scheduler } = start([job(async () => ++runs)], { draw: () => draws.shift() ?? 0.5 });
  await tick();
  await tick();
  await tick();
  expect(runs).toBe(3);
  expect(pauses).toEqual([500, 4_500, 5_500, 5_000]);
  await scheduler.stop();
});

test('a job never overlaps itself, and does not hold up another', async () => {
  const slow = Promise.withResolvers<number>();
  let slowRuns = 0;
  let otherRuns = 0;
  const { tick, scheduler } = start([
    job(() => {
      slowRuns += 1;
      return slow.promise;
    }),
    job(async () => ++otherRuns, { name: 'other' }),
  ]);
  await tick();
  await tick();
  await tick();
  expect([slowRuns, otherRuns]).toEqual([1, 3]);
  slow.resolve(0);
  await scheduler.stop();
});

test('a run that fails is counted and retried at its next time', async () => {
  let runs = 0;
  const { tick, scheduler, metrics } = start([
    job(async () => {
      runs += 1;
      if (runs === 1) throw new Error('the database is away');
      return 7;
    }),
  ]);
  await tick();
  expect(scheduler.status()[0]?.lastSuccessAtMs).toBeNull();
  await tick();
  expect(scheduler.status()[0]?.lastSuccessAtMs).not.toBeNull();
  const text = await metrics.render();
  expect(text).toMatch(/^bourse_job_seconds_count\{.*job="count",outcome="failed".*\} 1$/m);
  expect(text).toMatch(/^bourse_job_seconds_count\{.*job="count",outcome="done".*\} 1$/m);
  expect(text).toMatch(/^bourse_job_count_total\{.*job="count".*\} 7$/m);
  await scheduler.stop();
});

test('a job that has not succeeded for more than five intervals is late', async () => {
  const { tick, scheduler, advance } = start([
    job(async () => {
      throw new Error('still away');
    }),
  ]);
  expect(scheduler.status()[0]?.isLate).toBe(false);
  await tick();
  advance(24_000);
  expect(scheduler.status()[0]?.isLate).toBe(false);
  advance(1_000);
  expect(scheduler.status()[0]?.isLate).toBe(true);
  await scheduler.stop();
});

test('an exclusive job that another worker is at counts as done, and does nothing here', async () => {
  let runs = 0;
  const { tick, scheduler, metrics } = start([job(async () => ++runs, { isExclusive: true })], { tryLock: busyLock });
  await tick();
  expect(runs).toBe(0);
  expect(scheduler.status()[0]?.lastSuccessAtMs).not.toBeNull();
  expect(await metrics.render()).toMatch(/^bourse_job_seconds_count\{.*outcome="skipped".*\} 1$/m);
  await scheduler.stop();
});

test('stopping waits for the run that is on, tells it, and starts no other', async () => {
  let runs = 0;
  let heard = false;
  const end = Promise.withResolvers<number>();
  const { tick, scheduler } = start([
    job((stopping) => {
      runs += 1;
      stopping.addEventListener('abort', () => {
        heard = true;
      });
      return end.promise;
    }),
  ]);
  await tick();
  let isStopped = false;
  const stopped = scheduler.stop().then(() => {
    isStopped = true;
  });
  await tick();
  expect([heard, isStopped]).toEqual([true, false]);
  end.resolve(0);
  await stopped;
  await tick();
  expect(runs).toBe(1);
});

test('a job with a very short interval is not late before ten seconds', async () => {
  const { scheduler, advance } = start([job(async () => 0, { everyMs: 20 })]);
  advance(9_000);
  expect(scheduler.status()[0]?.isLate).toBe(false);
  advance(2_000);
  expect(scheduler.status()[0]?.isLate).toBe(true);
  await scheduler.stop();
});
