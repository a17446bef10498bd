import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Market, openMarket, unknownKey } from './harness.ts';

interface Row {
  readonly id: string;
  readonly created: number;
  readonly context_length: number;
  readonly pricing: { readonly prompt: string; readonly completion: string };
  readonly architecture: { readonly input_modalities: string[]; readonly output_modalities: string[] };
  readonly supported_parameters: string[];
  readonly alias_target?: { readonly slug: string };
  readonly has_zdr: boolean;
  readonly is_configured: boolean;
}
interface List {
  readonly data: Row[];
  readonly total_count: number;
  readonly links: { readonly next: string | null };
}

let market: Market;
beforeAll(async () => {
  market = await openMarket();
  await tellFacts(market);
});
afterAll(() => market.stop());

/** The catalog with an alias, an endpoint that keeps nothing in France, and a model that leaves, through the real door. */
async function tellFacts({ db, root }: Market): Promise<void> {
  const { models, endpointsByModel, authors, providers } = await db.catalog.loadSnapshot();
  const endpoints = [...endpointsByModel.values()].flat().map((endpoint) => {
    if (endpoint.id === 'sandbox/atlas-1@sandbox-south')
      return { ...endpoint, dataPolicy: { trains: false, retentionDays: 30 } };
    if (endpoint.id !== 'sandbox/atlas-1@sandbox-north') return endpoint;
    return { ...endpoint, dataPolicy: { trains: false, retentionDays: 0 }, regions: ['FR'] };
  });
  const contents = {
    authors: [...authors.values()],
    providers: [...providers.values()],
    models: [...models.values()].map((model) =>
      model.slug === 'sandbox/atlas-1'
        ? { ...model, expiresOn: '2030-01-01', isDistillable: true, defaultParameters: { temperature: 0.5 } }
        : model,
    ),
    endpoints,
    aliases: [{ alias: '~sandbox/atlas-latest', name: 'Sandbox: Atlas latest', modelSlug: 'sandbox/atlas-1' }],
  };
  await db.catalog.replaceCatalog(contents);
  await eventually(
    () => fetch(`${root}/api/v1/model/~sandbox/atlas-latest`),
    ({ status }) => status === 200,
  );
}

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${market.url}${path}`, { headers });
async function list(query: string): Promise<List> {
  const answer = await get(`/models?${query}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as List;
}
const idsOf = async (query: string) => (await list(query)).data.map(({ id }) => id);

interface Refusal {
  readonly error: { readonly message: string; readonly type: string; readonly metadata: Record<string, unknown> };
}
async function refusal(path: string, status: number): Promise<Refusal['error']> {
  const answer = await get(path);
  expect(answer.status).toBe(status);
  return ((await answer.json()) as Refusal).error;
}

describe('GET /models', () => {
  test('gives the whole list in one answer unless a page is asked for', async () => {
    const all = await list('');
    expect(all.data.length).toBe(all.total_count);
    expect(all.links.next).toBeNull();
    expect(all.data.every(({ architecture }) => architecture.output_modalities.includes('text'))).toBe(true);
    expect(new Set(all.data.map(({ id }) => id)).size).toBe(all.total_count);
  });

  test('gives every model exactly once over its pages, and says which is the last', async () => {
    const all = await idsOf('output_modalities=all');
    const seen: string[] = [];
    let next: string | null = '/api/v1/models?output_modalities=all&limit=50';
    while (next !== null) {
      const page = (await (await fetch(`${market.root}${next}`)).json()) as List;
      expect(page.total_count).toBe(all.length);
      expect(page.data.length).toBeLessThanOrEqual(50);
      seen.push(...page.data.map(({ id }) => id));
      next = page.links.next;
    }
    expect(seen).toEqual(all);
    expect((await list('offset=100000')).data).toEqual([]);
  });

  test.each<[string, (row: Row) => boolean]>([
    ['q=atlas', (row) => row.id.includes('atlas')],
    ['supported_parameters=tools,seed', (row) => ['tools', 'seed'].every((p) => row.supported_parameters.includes(p))],
    ['input_modalities=text,image', (row) => row.architecture.input_modalities.includes('image')],
    ['output_modalities=embeddings', (row) => row.architecture.output_modalities.includes('embeddings')],
    ['model_authors=openai,anthropic', (row) => /^(openai|anthropic)\//.test(row.id)],
    ['context=200000', (row) => row.context_length >= 200_000],
    ['max_price=0.5', (row) => Number(row.pricing.prompt) <= 0.5e-6 + 1e-15],
    ['min_price=1&max_price=3', (row) => Number(row.pricing.prompt) >= 1e-6 - 1e-15],
    ['min_output_price=10', (row) => Number(row.pricing.completion) >= 10e-6 - 1e-15],
    ['max_output_price=1', (row) => Number(row.pricing.completion) <= 1e-6 + 1e-15],
    ['free=true', (row) => row.pricing.prompt === '0' && row.pricing.completion === '0'],
    ['zdr=true', (row) => row.has_zdr],
    ['min_age_days=400', (row) => row.created * 1000 <= Date.now() - 400 * 86_400_000],
    ['distillable=true', (row) => /atlas/.test(row.id)],
    ['distillable=false', (row) => !/atlas-1$|latest/.test(row.id)],
    ['region=eu', (row) => row.has_zdr],
    ['arch=claude', (row) => row.id.startsWith('anthropic/')],
    ['providers=OpenAI', (row) => row.id.startsWith('openai/')],
  ])('%s narrows to the models that fit, and to nothing else', async (query, fits) => {
    const base = query.startsWith('output_modalities') ? 'output_modalities=all' : '';
    const [all, narrowed] = [await list(base), await list(query)];
    expect(narrowed.data.every(fits)).toBe(true);
    expect(narrowed.total_count).toBe(narrowed.data.length);
    expect(narrowed.total_count).toBeLessThan(all.total_count);
    const lost = all.data.filter((row) => !narrowed.data.some(({ id }) => id === row.id));
    if (!/distillable|region|providers|min_price|arch/.test(query)) expect(lost.some(fits)).toBe(false);
  });

  test('several filters hold together, and what nobody fits is an empty list', async () => {
    const both = await list('model_authors=openai&max_price=0.5');
    expect(both.data.every(({ id, pricing }) => id.startsWith('openai/') && Number(pricing.prompt) <= 5e-7)).toBe(true);
    expect(await list('q=nothing-has-this-name')).toEqual({ data: [], links: { next: null }, total_count: 0 });
    expect((await list('min_tool_success_rate=0.5')).data).toEqual([]);
  });

  test.each<[string, (a: Row, b: Row) => boolean]>([
    ['newest', (a, b) => a.created >= b.created],
    ['context-high-to-low', (a, b) => a.context_length >= b.context_length],
    ['pricing-low-to-high', (a, b) => priceOf(a) <= priceOf(b) + 1e-15],
    ['pricing-high-to-low', (a, b) => priceOf(a) >= priceOf(b) - 1e-15],
  ])('sort=%s orders the list and leaves nobody out', async (sort, isInOrder) => {
    const [all, sorted] = [await idsOf(''), (await list(`sort=${sort}`)).data];
    expect(sorted.map(({ id }) => id).toSorted()).toEqual(all.toSorted());
    expect(sorted.slice(1).every((row, index) => isInOrder(sorted[index] ?? row, row))).toBe(true);
  });
  const priceOf = ({ pricing }: Row) => Number(pricing.prompt) + Number(pricing.completion);

  test.each(['most-popular', 'top-weekly', 'throughput-high-to-low', 'latency-low-to-high'])(
    'sort=%s leaves nobody out, however little was measured',
    async (sort) => {
      expect((await idsOf(`sort=${sort}`)).toSorted()).toEqual((await idsOf('')).toSorted());
    },
  );

  test.each<[string, string]>([
    ['sort=cheapest', 'sort'],
    ['sort=intelligence-high-to-low', 'sort'],
    ['output_modalities=smell', 'output_modalities'],
    ['input_modalities=text,smell', 'input_modalities'],
    ['supported_parameters=telepathy', 'supported_parameters'],
    ['model_authors=nobody', 'model_authors'],
    ['providers=openai,nobody', 'providers'],
    ['arch=abacus', 'arch'],
    ['region=mars', 'region'],
    ['zdr=maybe', 'zdr'],
    ['free=1', 'free'],
    ['distillable=x', 'distillable'],
    ['format=atom', 'format'],
    ['use_rss=1', 'use_rss'],
  ])('%s is refused with what is allowed', async (query, path) => {
    const { type, metadata, message } = await refusal(`/models?${query}`, 400);
    expect(type).toBe('invalid_request');
    expect(metadata).toMatchObject({ path, allowed: expect.arrayContaining([expect.any(String)]) });
    expect(message).toContain(path);
  });

  test.each<[string, string]>([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=1.5', 'limit'],
    ['offset=-1', 'offset'],
    ['context=lots', 'context'],
    ['max_price=-1', 'max_price'],
    ['min_output_price=NaN', 'min_output_price'],
    ['max_tool_success_rate=2', 'max_tool_success_rate'],
    ['min_age_days=1e400', 'min_age_days'],
    ['category=programming', 'category'],
    ['min_coding_index=50', 'min_coding_index'],
  ])('%s is refused with the name of the parameter', async (query, path) => {
    expect((await refusal(`/models?${query}`, 400)).metadata).toMatchObject({ path });
  });

  test('parameters that mean nothing here are ignored, and empty ones do not narrow', async () => {
    expect(await idsOf('utm_source=x&q=&zdr=&sort=&max_price=')).toEqual(await idsOf(''));
  });

  test('an alias is a row of its own that tells which model it means', async () => {
    const row = (await list('q=~sandbox')).data[0];
    expect(row).toMatchObject({ id: '~sandbox/atlas-latest', alias_target: { slug: 'sandbox/atlas-1' } });
  });
});

describe('an answer that is asked for again', () => {
  test.each(['/models', '/models/count', '/providers', '/model/sandbox/atlas-1', '/endpoints/zdr'])(
    '%s is 304 to who has it already',
    async (path) => {
      const first = await get(path);
      const etag = first.headers.get('etag') ?? '';
      expect(etag).toMatch(/^W\/"[\w-]{22}"$/);
      expect(first.headers.get('cache-control')).toBe('public, max-age=0, must-revalidate');
      const again = await get(path, { 'if-none-match': `"other", ${etag}` });
      expect(again.status).toBe(304);
      expect(await again.text()).toBe('');
      expect((await get(path, { 'if-none-match': '"other"' })).status).toBe(200);
    },
  );

  test('comes compressed to who takes it so, and is the same then', async () => {
    const plain = await get('/models', { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).toBeNull();
    const refused = await get('/models', { 'accept-encoding': 'gzip;q=0' });
    expect(refused.headers.get('content-encoding')).toBeNull();
    const { body, encoding } = await rawBody('/api/v1/models');
    expect(encoding).toBe('gzip');
    expect(gunzipSync(body).toString()).toBe(await plain.text());
  });
});

/** What is sent, before any client unpacks it. */
async function rawBody(path: string): Promise<{ body: Buffer; encoding: string | undefined }> {
  const { request } = await import('node:http');
  const done = Promise.withResolvers<{ body: Buffer; encoding: string | undefined }>();
  const call = request(`${market.root}${path}`, { headers: { 'accept-encoding': 'br, gzip' } }, (answer) => {
    const parts: Buffer[] = [];
    answer.on('data', (part: Buffer) => parts.push(part));
    answer.on('end', () => done.resolve({ body: Buffer.concat(parts), encoding: answer.headers['content-encoding'] }));
  });
  call.on('error', done.reject);
  call.end();
  return done.promise;
}

describe('the feed of models', () => {
  test.each(['use_rss=true', 'format=rss'])('%s is RSS, the newest first', async (query) => {
    const answer = await get(`/models?${query}&q=atlas`);
    expect(answer.headers.get('content-type')).toBe('application/rss+xml; charset=utf-8');
    const text = await answer.text();
    expect(text).toMatch(/^<\?xml version="1.0"/);
    expect(text).toContain('/sandbox/atlas-1</link>');
    const dates = [...text.matchAll(/<pubDate>(.*?)<\/pubDate>/g)].map(([, date]) => Date.parse(date ?? ''));
    expect(dates.length).toBe((await list('q=atlas')).total_count);
    expect(dates).toEqual(dates.toSorted((a, b) => b - a));
    expect(await (await get(`/models?${query}&q=atlas`)).text()).toBe(text);
  });

  test('its links lead to a chat where that is asked for', async () => {
    const text = await (await get('/models?use_rss=true&use_rss_chat_links=true&q=atlas-1')).text();
    expect(text).toContain('/chat?model=sandbox%2Fatlas-1</link>');
  });
});

describe('one model', () => {
  test('is read by slug, by dated slug, by alias and with a suffix', async () => {
    const of = async (name: string) => ((await (await get(`/model/${name}`)).json()) as { data: Row }).data;
    const plain = await of('sandbox/atlas-1');
    expect(plain).toMatchObject({
      id: 'sandbox/atlas-1',
      expiration_date: '2030-01-01',
      default_parameters: { temperature: 0.5 },
    });
    expect(await of('sandbox/atlas-1:nitro')).toEqual(plain);
    expect(await of('~sandbox/atlas-latest')).toMatchObject({ alias_target: { slug: 'sandbox/atlas-1' } });
  });

  test.each(['/model/sandbox/atlas-11', '/models/sandbox/atlas-11/endpoints', '/model/sandbox/atlas-1:nonsense'])(
    '%s is not found, and names that are close are told',
    async (path) => {
      const { metadata, message } = await refusal(path, 404);
      expect(metadata['suggestions']).toContain('sandbox/atlas-1');
      expect(message).toContain('Did you mean');
    },
  );

  test('a name that is close to nothing is not found without suggestions', async () => {
    expect((await refusal(`/model/nobody/${'x'.repeat(300)}`, 404)).metadata).toMatchObject({ suggestions: [] });
  });

  test('its endpoints tell price, policy and what is known of them now', async () => {
    const answer = await get('/models/~sandbox/atlas-latest/endpoints');
    const { data } = (await answer.json()) as { data: { id: string; endpoints: Record<string, unknown>[] } };
    expect(data).toMatchObject({ id: '~sandbox/atlas-latest', alias_target: { slug: 'sandbox/atlas-1' } });
    expect(data.endpoints.find(({ tag }) => tag === 'sandbox-north')).toMatchObject({
      status: 0,
      regions: ['FR'],
      data_policy: { training: false, retention_days: 0, zdr: true },
      is_configured: true,
    });
  });

  test('an endpoint that an operator has stopped says so, and is out of the caller’s models with the last one', async () => {
    const own = async () => {
      const answer = await get('/models/user?q=atlas-1', { authorization: `Bearer ${market.key}` });
      return ((await answer.json()) as List).data.map(({ id }) => id);
    };
    expect(await own()).toContain('sandbox/atlas-1');
    const stop = (isOn: boolean) =>
      Promise.all(
        ['sandbox-north', 'sandbox-south'].map((argument) =>
          market.db.switches.turn({ name: 'stop_provider', argument, isOn, reason: 'a test', actor: 'test' }),
        ),
      );
    await stop(true);
    await eventually(own, (ids) => !ids.includes('sandbox/atlas-1'));
    const answer = await get('/models/sandbox/atlas-1/endpoints');
    const { data } = (await answer.json()) as { data: { endpoints: { tag: string; status: number }[] } };
    expect(data.endpoints.find(({ tag }) => tag === 'sandbox-north')?.status).toBe(-3);
    await stop(false);
    await eventually(own, (ids) => ids.includes('sandbox/atlas-1'));
  });
});

describe('the other lists', () => {
  test('the count is that of the list with the same filters', async () => {
    for (const query of ['', 'output_modalities=all', 'zdr=true', 'q=atlas']) {
      const { data } = (await (await get(`/models/count?${query}`)).json()) as { data: { count: number } };
      expect(data.count).toBe((await list(query)).total_count);
    }
    expect((await refusal('/models/count?zdr=x', 400)).metadata).toMatchObject({ path: 'zdr' });
  });

  test('endpoints that keep nothing are listed over all models', async () => {
    const { data } = (await (await get('/endpoints/zdr')).json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toContain('sandbox/atlas-1@sandbox-north');
    expect(data.map(({ id }) => id)).not.toContain('sandbox/atlas-1@sandbox-south');
  });

  test('embedding models come in pages, too', async () => {
    const page = (await (await get('/embeddings/models?limit=1')).json()) as List;
    expect(page.data[0]?.architecture.output_modalities).toEqual(['embeddings']);
    expect(page.links.next).toBe('/api/v1/embeddings/models?limit=1&offset=1');
    expect((await refusal('/embeddings/models?limit=x', 400)).metadata).toMatchObject({ path: 'limit' });
  });

  test('the models of a caller are those that can be called, and nobody’s without a key', async () => {
    const answer = await get('/models/user', { authorization: `Bearer ${market.key}` });
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
    const own = (await answer.json()) as List;
    expect(own.data.length).toBeGreaterThan(0);
    expect(own.data.every((row) => row.is_configured)).toBe(true);
    expect(own.data.length).toBeLessThan((await list('')).total_count);
    await refusal('/models/user', 401);
    expect((await get('/models/user', { authorization: `Bearer ${unknownKey()}` })).status).toBe(401);
    const bad = await get('/models/user?sort=x', { authorization: `Bearer ${market.key}` });
    expect(bad.status).toBe(400);
  });

  test('providers tell what they do with data, where they agree on it', async () => {
    const { data } = (await (await get('/providers')).json()) as { data: Record<string, unknown>[] };
    const north = data.find(({ slug }) => slug === 'sandbox-north');
    expect(north).toMatchObject({ is_configured: true, is_stopped: false, endpoints_failing: 0 });
    expect(Number(north?.['model_count'])).toBeGreaterThan(0);
  });
});
