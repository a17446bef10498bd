import { afterAll, beforeAll, expect, test } from 'vitest';
import { hi, type Market, openMarket } from './harness.ts';

let market: Market;
beforeAll(async () => {
  market = await openMarket();
});
afterAll(() => market.stop());

async function get(path: string, key: string | null = market.key): Promise<Response> {
  return fetch(`${market.url}${path}`, key === null ? {} : { headers: { authorization: `Bearer ${key}` } });
}

test('the catalog is public: models, their endpoints with prices, providers', async () => {
  const models = (await (await get('/models', null)).json()) as { data: { id: string; pricing: { prompt: string } }[] };
  expect(models.data.length).toBeGreaterThanOrEqual(60);
  const atlas = models.data.find((model) => model.id === 'sandbox/atlas-1');
  expect(Number(atlas?.pricing.prompt)).toBeGreaterThan(0);
  const endpoints = (await (await get('/models/sandbox/atlas-1/endpoints', null)).json()) as {
    data: { endpoints: unknown[] };
  };
  expect(endpoints.data.endpoints.length).toBeGreaterThanOrEqual(2);
  const providers = (await (await get('/providers', null)).json()) as {
    data: { slug: string; is_configured: boolean }[];
  };
  expect(providers.data.find(({ slug }) => slug === 'sandbox-north')?.is_configured).toBe(true);
  expect(providers.data.find(({ slug }) => slug === 'openai')?.is_configured).toBe(false);
  expect((await get('/models/nobody/nothing/endpoints', null)).status).toBe(404);
});

test('a key describes itself, and shows what it spent', async () => {
  await (await market.chat(hi)).json();
  const { data } = (await (await get('/key')).json()) as { data: Record<string, unknown> };
  expect(data).toMatchObject({ is_management_key: false, limit: null, byok_usage: 0 });
  expect(data['usage']).toBeGreaterThan(0);
  expect(data['usage_daily']).toBe(data['usage']);
});

test('both kinds of key read the credits; without a key nobody does', async () => {
  expect((await get('/credits')).status).toBe(200);
  expect((await get('/credits', market.managementKey)).status).toBe(200);
  expect((await get('/credits', null)).status).toBe(401);
});

test('a receipt says every price line, and computing it again gives the charge', async () => {
  const { id } = (await (await market.chat(hi)).json()) as { id: string };
  const { data } = (await (await get(`/generation?id=${id}`)).json()) as {
    data: {
      total_cost: number;
      receipt: { lines: { quantity: number; price_usd_per_unit: string }[]; markup_bps: number };
    };
  };
  const sum = data.receipt.lines.reduce((total, line) => total + line.quantity * Number(line.price_usd_per_unit), 0);
  expect(data.total_cost).toBeCloseTo(sum * (1 + data.receipt.markup_bps / 10_000), 8);
});

test('attribution: the app of a referer is recorded with the generation', async () => {
  const response = await market.chat(hi, {
    headers: { 'http-referer': 'https://Reader.example/x', 'x-title': 'Reader' },
  });
  const { id } = (await response.json()) as { id: string };
  await market.booked();
  const stored = await market.db.generations.find({ id, organizationId: market.organizationId });
  expect(stored).toMatchObject({ appTitle: 'Reader', appUrl: 'https://reader.example' });
});

test('the daily rankings are data, within a bounded range', async () => {
  const answer = await get('/datasets/rankings-daily');
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ meta: { version: 'v1' } });
  expect((await get('/datasets/rankings-daily?start_date=2020-01-01')).status).toBe(400);
  expect((await get('/datasets/rankings-daily?start_date=tomorrow')).status).toBe(400);
  expect((await get('/datasets/rankings-daily', null)).status).toBe(401);
});

test('health, readiness and metrics answer, and metrics name no key and no prompt', async () => {
  expect((await fetch(`${market.root}/healthz`)).status).toBe(200);
  expect((await fetch(`${market.root}/readyz`)).status).toBe(200);
  const metrics = await (await fetch(`${market.root}/metrics`)).text();
  expect(metrics).toContain('bourse_request_seconds');
  expect(metrics).not.toContain(market.key.slice(0, 20));
});

test('openapi.json describes every route that answers', async () => {
  const document = (await (await get('/openapi.json', null)).json()) as {
    openapi: string;
    paths: Record<string, unknown>;
  };
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths).sort()).toEqual([
    '/api/v1/audio/speech',
    '/api/v1/audio/transcriptions',
    '/api/v1/chat/completions',
    '/api/v1/completions',
    '/api/v1/credits',
    '/api/v1/datasets/rankings-daily',
    '/api/v1/embeddings',
    '/api/v1/embeddings/models',
    '/api/v1/endpoints/zdr',
    '/api/v1/generation',
    '/api/v1/images',
    '/api/v1/images/generations',
    '/api/v1/key',
    '/api/v1/keys',
    '/api/v1/keys/{hash}',
    '/api/v1/messages',
    '/api/v1/messages/count_tokens',
    '/api/v1/model/{author}/{slug}',
    '/api/v1/models',
    '/api/v1/models/changes',
    '/api/v1/models/count',
    '/api/v1/models/user',
    '/api/v1/models/{author}/{slug}/endpoints',
    '/api/v1/models/{author}/{slug}/health-history',
    '/api/v1/models/{author}/{slug}/price-history',
    '/api/v1/providers',
    '/api/v1/quote',
    '/api/v1/rerank',
    '/api/v1/responses',
    '/api/v1beta/models/{author}/{slug}:countTokens',
    '/api/v1beta/models/{author}/{slug}:generateContent',
    '/api/v1beta/models/{author}/{slug}:streamGenerateContent',
  ]);
});

test('a web page of any origin may call, because no cookie counts', async () => {
  const preflight = await fetch(`${market.url}/chat/completions`, {
    method: 'OPTIONS',
    headers: { origin: 'https://a.example', 'access-control-request-method': 'POST' },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
  expect((await market.chat(hi)).headers.get('access-control-allow-origin')).toBe('*');
  expect((await get('/models', null)).headers.get('access-control-allow-origin')).toBe('*');
  expect((await get('/credits')).headers.get('access-control-allow-origin')).toBe('*');
});
