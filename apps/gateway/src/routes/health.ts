import type { Metrics } from '@bourse/telemetry';
import type { GatewayApp } from '../app-env.ts';

/** What the operators' routes look at. */
export interface Operations {
  /** False while draining, before the first catalog, or without a database. */
  readonly isReady: () => boolean;
  /** The exposition text, of all processes. */
  readonly renderMetrics: () => Promise<string>;
  readonly metrics: Pick<Metrics, 'contentType'>;
}

/** `/healthz` (the process lives), `/readyz` (send it traffic), `/metrics` (Prometheus), at the root and under `/api/v1`. */
export function registerHealth(app: GatewayApp, operations: Operations): void {
  for (const prefix of ['', '/api/v1']) {
    app.get(`${prefix}/healthz`, (context) => context.json({ status: 'ok' }));
    app.get(`${prefix}/readyz`, (context) =>
      operations.isReady() ? context.json({ status: 'ready' }) : context.json({ status: 'not_ready' }, 503),
    );
  }
  app.get('/metrics', async (context) =>
    context.body(await operations.renderMetrics(), 200, { 'content-type': operations.metrics.contentType }),
  );
}
