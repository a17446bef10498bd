import type { Metrics } from '@bourse/telemetry';
import { Hono } from 'hono';
import type { JobStatus } from './scheduler.ts';

/** What the operators' routes look at. */
export interface Operations {
  /** False while it stops, or without a database. */
  readonly isServing: () => boolean;
  readonly jobs: () => readonly JobStatus[];
  readonly metrics: Metrics;
}

function statusOf(job: JobStatus): Readonly<Record<string, unknown>> {
  const { name, lastSuccessAtMs, isLate } = job;
  return { name, last_success_at: lastSuccessAtMs === null ? null : new Date(lastSuccessAtMs), is_late: isLate };
}

/** `/healthz` (the process lives), `/readyz` (every job was done lately), `/metrics` (Prometheus). */
export function createApp(operations: Operations): Hono {
  const app = new Hono();
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get('/readyz', (context) => {
    const jobs = operations.jobs();
    const isReady = operations.isServing() && !jobs.some(({ isLate }) => isLate);
    return context.json({ status: isReady ? 'ready' : 'not_ready', jobs: jobs.map(statusOf) }, isReady ? 200 : 503);
  });
  app.get('/metrics', async (context) =>
    context.body(await operations.metrics.render(), 200, { 'content-type': operations.metrics.contentType }),
  );
  app.notFound((context) => context.json({ error: { code: 404, message: 'There is no such page.' } }, 404));
  return app;
}
