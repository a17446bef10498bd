import type { Logger } from '@bourse/telemetry';
import type { Job } from './job.ts';
import type { RunOutcome, WorkerMetrics } from './worker-metrics.ts';

/** Runs something while nobody else in the market runs the same name; `busy` when somebody does. */
export type TryLock = <Result>(
  name: string,
  run: () => Promise<Result>,
) => Promise<{ readonly kind: 'ran'; readonly result: Result } | { readonly kind: 'busy' }>;

/** What a scheduler needs from the world. */
export interface SchedulerParts {
  readonly tryLock: TryLock;
  readonly metrics: WorkerMetrics;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Uniform in 0..1, so that several workers do not march in step. */
  readonly draw: () => number;
  /** Resolves after so many milliseconds, or at once when the signal fires. */
  readonly pause: (ms: number, stopping: AbortSignal) => Promise<void>;
}

/** How a job is doing. It is late when nobody has done it for five intervals (and ten seconds), counted from our start at the earliest. */
export interface JobStatus {
  readonly name: string;
  readonly lastSuccessAtMs: number | null;
  readonly isLate: boolean;
}

/** Jobs that repeat until `stop`. */
export interface Scheduler {
  readonly status: () => readonly JobStatus[];
  /** Starts no run any more; resolves when those that run have ended. */
  readonly stop: () => Promise<void>;
}

const LATE_AFTER_INTERVALS = 5;
/** A busy machine is not a reason to be taken out of service, however short the interval. */
const LATE_AFTER_MS_MIN = 10_000;
/** A fresh worker does everything within a second of its start, but not all at the same moment. */
const FIRST_RUN_WITHIN_MS = 1_000;
const JITTER = 0.1;

interface Cycle {
  readonly job: Job;
  readonly parts: SchedulerParts;
  readonly stopping: AbortSignal;
}

/** One run: locked if need be, timed, counted. A failure is logged and the next run is the retry. */
async function runOnce({ job, parts, stopping }: Cycle): Promise<RunOutcome> {
  const { log, metrics, now } = parts;
  const startedAtMs = now();
  const seconds = () => (now() - startedAtMs) / 1_000;
  try {
    const run = () => job.run(stopping);
    const ended = job.isExclusive ? await parts.tryLock(job.name, run) : { kind: 'ran' as const, result: await run() };
    const count = ended.kind === 'ran' ? ended.result : 0;
    const outcome = ended.kind === 'ran' ? 'done' : 'skipped';
    metrics.run({ job: job.name, outcome, count }, seconds());
    if (count > 0) log.info('job.done', { job: job.name, count, durationMs: now() - startedAtMs });
    return outcome;
  } catch (error) {
    metrics.run({ job: job.name, outcome: 'failed', count: 0 }, seconds());
    log.error('job.failed', error, { job: job.name, durationMs: now() - startedAtMs });
    return 'failed';
  }
}

/** Starts every job in a cycle of its own: a run, a pause, a run. So no job overlaps itself, and none waits for another. */
export function startScheduler(jobs: readonly Job[], parts: SchedulerParts): Scheduler {
  const stopping = new AbortController();
  const startedAtMs = parts.now();
  const successes = new Map<string, number>();

  const repeat = async (job: Job): Promise<void> => {
    await parts.pause(parts.draw() * Math.min(job.everyMs, FIRST_RUN_WITHIN_MS), stopping.signal);
    while (!stopping.signal.aborted) {
      const outcome = await runOnce({ job, parts, stopping: stopping.signal });
      if (outcome !== 'failed') successes.set(job.name, parts.now());
      await parts.pause(job.everyMs * (1 - JITTER + 2 * JITTER * parts.draw()), stopping.signal);
    }
  };
  const cycles = Promise.all(jobs.map(repeat));

  return {
    status: () =>
      jobs.map((job) => {
        const lastSuccessAtMs = successes.get(job.name) ?? null;
        const sinceMs = parts.now() - (lastSuccessAtMs ?? startedAtMs);
        const lateAfterMs = Math.max(LATE_AFTER_INTERVALS * job.everyMs, LATE_AFTER_MS_MIN);
        return { name: job.name, lastSuccessAtMs, isLate: sinceMs > lateAfterMs };
      }),
    stop: async () => {
      stopping.abort();
      await cycles;
    },
  };
}
