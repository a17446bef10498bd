import { Hono } from 'hono';

/**
 * Exa's search, simulated: pages that are made up from the question, and the same for the same question. Words in the question break it:
 * `fault:401`, `fault:429`, `fault:500`, `fault:hang`, `fault:garbage`, `fault:empty`.
 */

type Asked = {
  readonly query?: unknown;
  readonly numResults?: unknown;
  readonly includeDomains?: unknown;
  readonly contents?: unknown;
};

const DOMAINS = [
  'news.example.com',
  'encyclopedia.example.org',
  'blog.example.net',
  'docs.example.com',
  'forum.example.org',
];
const RESULTS_DEFAULT = 10;

function namesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}

function resultsFor({ query, numResults, includeDomains }: Asked) {
  const count = typeof numResults === 'number' ? numResults : RESULTS_DEFAULT;
  const wanted = namesOf(includeDomains);
  const domains = wanted.length === 0 ? DOMAINS : wanted;
  return Array.from({ length: count }, (_, index) => {
    const domain = domains[index % domains.length] ?? 'example.com';
    return {
      id: `https://${domain}/${index + 1}`,
      url: `https://${domain}/${index + 1}`,
      title: `Page ${index + 1} about it`,
      publishedDate: '2026-11-01T00:00:00.000Z',
      author: null,
      text: `Made up by the sandbox for: ${String(query)}. This is page ${index + 1}.`,
    };
  });
}

/** To be mounted at `/exa`. */
export function createSearchRoutes(): Hono {
  const app = new Hono();
  app.post('/search', async (c) => {
    if (!c.req.header('x-api-key')) return c.json({ error: 'Invalid API key' }, 401);
    const asked = (await c.req.json().catch(() => ({}))) as Asked; // every member is checked before it is used
    if (typeof asked.query !== 'string' || asked.query === '') return c.json({ error: 'query is required' }, 400);
    const fault = /\bfault:(\w+)/.exec(asked.query)?.[1] ?? '';
    switch (fault) {
      case '401':
        return c.json({ error: 'Invalid API key' }, 401);
      case '429':
        return c.json({ error: 'Rate limit exceeded' }, 429, { 'retry-after': '7' });
      case '500':
        return c.json({ error: 'Internal error' }, 500);
      case 'hang':
        return new Promise<never>(() => undefined);
      case 'garbage':
        return c.body('{"results": [{"url": 1', 200, { 'content-type': 'application/json' });
      case 'empty':
        return c.json({ requestId: 'sandbox', results: [] });
      default:
        return c.json({ requestId: 'sandbox', resolvedSearchType: 'neural', results: resultsFor(asked) });
    }
  });
  return app;
}
