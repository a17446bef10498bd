import { picodollarsPerUnit } from '@bourse/money';
import { DeltaTally } from '@bourse/routing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Market, openMarket } from './harness.ts';

const MODEL = 'openai/gpt-4o';

let market: Market;
beforeAll(async () => {
  market = await openMarket();
  const writer = { origin: 'review', actor: 'test' } as const;
  // A price doubles, and a model leaves.
  await market.db.catalog.editCatalog(
    (live) => ({
      ...live,
      endpoints: live.endpoints
        .filter(({ modelSlug }) => modelSlug !== 'openai/gpt-3.5-turbo')
        .map((endpoint) => {
          if (endpoint.modelSlug !== MODEL) return endpoint;
          const lines = endpoint.prices.lines.map((line) => ({ ...line, price: picodollarsPerUnit(line.price * 2n) }));
          return { ...endpoint, prices: { ...endpoint.prices, lines } };
        }),
      models: live.models.filter(({ slug }) => slug !== 'openai/gpt-3.5-turbo'),
    }),
    writer,
  );
  await eventually(
    () => get('/model/openai/gpt-3.5-turbo'),
    ({ status }) => status === 404,
  );
});
afterAll(() => market.stop());

const get = (path: string) => fetch(`${market.url}${path}`);
async function read<Data>(path: string): Promise<Data> {
  const answer = await get(path);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { data: Data }).data;
}
async function pathOfRefusal(path: string): Promise<unknown> {
  const answer = await get(path);
  expect(answer.status).toBe(400);
  return ((await answer.json()) as { error: { metadata: { path: string } } }).error.metadata.path;
}

interface History {
  readonly id: string;
  readonly endpoints: {
    readonly is_listed: boolean;
    readonly periods: { readonly from: string; readonly to: string | null; readonly pricing: { prompt: string } }[];
  }[];
}

test('the prices of a model follow one another without a gap, the newest first', async () => {
  const history = await read<History>(`/models/${MODEL}/price-history`);
  const changed = history.endpoints.filter(({ periods }) => periods.length > 1);
  expect(changed.length).toBeGreaterThan(0);
  for (const { periods } of changed) {
    const [now, then] = periods;
    expect(now?.to).toBeNull();
    expect(then?.to).toBe(now?.from);
    expect(Number(now?.pricing.prompt)).toBeCloseTo(Number(then?.pricing.prompt) * 2, 12);
  }
  const { pricing } = await read<{ pricing: { prompt: string } }>(`/model/${MODEL}`);
  expect(changed.map(({ periods }) => periods[0]?.pricing.prompt)).toContain(pricing.prompt);
});

test('a model that has left still has its prices, and a name that nobody had has none', async () => {
  const history = await read<History>('/models/openai/gpt-3.5-turbo/price-history');
  expect(history.endpoints.every((endpoint) => !endpoint.is_listed)).toBe(true);
  const answer = await get('/models/openai/gpt-4p/price-history');
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain('Did you mean');
});

interface Change {
  readonly id: string;
  readonly kind: string;
  readonly model_id: string;
  readonly pricing_before: { readonly prompt: string } | null;
  readonly pricing_after: { readonly prompt: string } | null;
}

test('what changed is told, the newest first, by kind and by model', async () => {
  const changes = await read<Change[]>('/models/changes?kind=model_removed,price_changed');
  const about = changes.map(({ kind, model_id: model }) => `${kind} ${model}`);
  expect(about).toContain(`price_changed ${MODEL}`);
  expect(about).toContain('model_removed openai/gpt-3.5-turbo');
  const ids = changes.map(({ id }) => Number(id));
  expect(ids).toEqual(ids.toSorted((a, b) => b - a));
  const own = await read<Change[]>(`/models/changes?model=${MODEL}&kind=price_changed`);
  expect(own.every((change) => change.model_id === MODEL)).toBe(true);
  const [first] = own;
  expect(Number(first?.pricing_after?.prompt)).toBeCloseTo(Number(first?.pricing_before?.prompt) * 2, 12);
});

test('changes come in pages until there are no more', async () => {
  const seen: string[] = [];
  let next: string | null = '/api/v1/models/changes?kind=model_added&limit=60';
  while (next !== null) {
    const answer = await fetch(`${market.root}${next}`);
    const page = (await answer.json()) as { data: Change[]; links: { next: string | null } };
    seen.push(...page.data.map(({ id }) => id));
    next = page.links.next;
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBeGreaterThan(100);
});

test('changes are a feed, too', async () => {
  const answer = await get('/models/changes?kind=price_changed,model_removed&format=rss');
  expect(answer.headers.get('content-type')).toBe('application/rss+xml; charset=utf-8');
  const text = await answer.text();
  expect(text).toMatch(/<title>.*New price: OpenAI: GPT-4o at /);
  expect(text).toMatch(/It costs \$\d+(\.\d+)? in, \$\d+(\.\d+)? out per million tokens\. It was \$/);
  expect(text).toMatch(/<title>.*Gone: OpenAI: GPT-3.5 Turbo/);
  expect(text).toContain(`/${MODEL}</link>`);
});

test.each([
  ['/models/changes?kind=weather', 'kind'],
  ['/models/changes?before=yesterday', 'before'],
  ['/models/changes?before=99999999999999999999', 'before'],
  ['/models/changes?limit=501', 'limit'],
  ['/models/changes?format=atom', 'format'],
  [`/models/${MODEL}/health-history?hours=0`, 'hours'],
  [`/models/${MODEL}/health-history?hours=337`, 'hours'],
])('%s is refused', async (path, name) => {
  expect(await pathOfRefusal(path)).toBe(name);
});

interface Health {
  readonly endpoints: {
    readonly tag: string;
    readonly hours: {
      readonly attempts: number;
      readonly uptime: number | null;
      readonly latency: { readonly p50: number } | null;
    }[];
  }[];
}

test('how endpoints did is told by the hour, and of those that nobody called nothing', async () => {
  const tally = new DeltaTally();
  for (let count = 0; count < 99; count += 1) tally.add('sandbox/atlas-1@sandbox-north', { end: 'ok', latencyMs: 300 });
  tally.add('sandbox/atlas-1@sandbox-north', { end: 'failed' });
  await market.db.endpointHealth.add(tally.take());
  const { endpoints } = await read<Health>('/models/sandbox/atlas-1/health-history?hours=24');
  const [hour] = endpoints.find(({ tag }) => tag === 'sandbox-north')?.hours ?? [];
  expect(hour).toMatchObject({ attempts: 100, uptime: 99 });
  expect(hour?.latency?.p50).toBeGreaterThan(270);
  expect(endpoints.find(({ tag }) => tag === 'sandbox-south')?.hours).toEqual([]);
  expect((await get('/models/nobody/nothing/health-history')).status).toBe(404);
});
