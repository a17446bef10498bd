import { expect, test } from 'vitest';
import { createSearchRoutes } from './routes.ts';

const search = (body: unknown, key = 'sk-any'): Response | Promise<Response> =>
  createSearchRoutes().request('/search', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === '' ? {} : { 'x-api-key': key }) },
    body: JSON.stringify(body),
  });

test('a question has as many pages as are asked for, of the domains that are asked for, the same each time', async () => {
  const asked = { query: 'tides', numResults: 3, includeDomains: ['sea.example'] };
  const [first, second] = await Promise.all([search(asked), search(asked)]);
  const answer = (await first.json()) as { results: { url: string; text: string }[] };
  expect(answer.results.map(({ url }) => url)).toEqual([1, 2, 3].map((page) => `https://sea.example/${page}`));
  expect(answer.results[0]?.text).toContain('tides');
  expect(await second.json()).toEqual(answer);
});

test.each([
  [{ query: 'x' }, '', 401],
  [{}, 'sk-any', 400],
  [{ query: 'fault:401' }, 'sk-any', 401],
  [{ query: 'fault:429' }, 'sk-any', 429],
  [{ query: 'fault:500' }, 'sk-any', 500],
  [{ query: 'fault:garbage' }, 'sk-any', 200],
  [{ query: 'fault:empty' }, 'sk-any', 200],
])('%j with the key %j is answered %d', async (body, key, status) => {
  expect((await search(body, key)).status).toBe(status);
});
