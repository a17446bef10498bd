import { Hono } from 'hono';
import { z } from 'zod';
import { ProviderError } from './providers/errors.ts';
import { FAULTS, type FaultRules } from './providers/faults.ts';
import type { ProviderStats } from './providers/provider-stats.ts';

const ruleSchema = z.object({
  provider: z.string().min(1).default('*'),
  fault: z.string().min(1),
  rate: z.number().min(0).max(1).default(1),
  count: z.int().min(1).nullish(),
});

/** The levers and gauges of the simulated providers, to be mounted at `/_sandbox`. */
export function createControlRoutes(faultRules: FaultRules, stats: ProviderStats) {
  const routes = new Hono();

  routes.get('/faults', (c) => c.json({ rules: faultRules.list(), faults: FAULTS }));
  routes.post('/faults', async (c) => {
    const parsed = ruleSchema.safeParse(await c.req.json().catch(() => null));
    if (!parsed.success) return c.json({ error: z.prettifyError(parsed.error) }, 400);
    const { provider, fault, rate, count } = parsed.data;
    try {
      faultRules.add({ provider, fault, rate, remaining: count ?? null });
    } catch (error) {
      if (error instanceof ProviderError) return c.json({ error: error.message }, 400);
      throw error;
    }
    return c.json({ rules: faultRules.list() }, 201);
  });
  routes.delete('/faults', (c) => {
    faultRules.clear(c.req.query('provider'));
    return c.json({ rules: faultRules.list() });
  });

  routes.get('/stats', (c) => c.json({ providers: stats.list() }));
  routes.delete('/stats', (c) => {
    stats.clear();
    return c.json({ providers: stats.list() });
  });
  return routes;
}
