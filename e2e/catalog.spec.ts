import { expect, test } from './fixtures.ts';

test('the list of models is narrowed by its filters, and its state is in the address', async ({
  page,
  consoleErrors,
}) => {
  await page.goto('/models');
  const count = page.getByRole('status').filter({ hasText: 'models' });
  await expect(count).toHaveText(/^\d{3} models$/);
  await page.getByRole('searchbox', { name: 'Search models' }).fill('atlas');
  await expect(page).toHaveURL(/q=atlas/);
  await expect(count).toHaveText(/^\d+ of \d+ models$/);
  await page.getByRole('switch', { name: 'Stores nothing' }).click();
  await expect(page).toHaveURL(/zdr=true/);
  await page.reload();
  await expect(page.getByRole('switch', { name: 'Stores nothing' })).toBeChecked();
  await page.goto('/models?output=embeddings');
  await expect(page.getByRole('checkbox', { name: /embeddings/ }).first()).toBeChecked();
  expect(consoleErrors).toEqual([]);
});

test('the list of models stays light, however many there are', async ({ page }) => {
  for (const path of ['/models', '/models?view=table']) {
    const answer = await page.goto(path);
    const bytes = (await answer?.body())?.byteLength ?? 0;
    process.stdout.write(`${path}: ${Math.round(bytes / 1024)} KiB of HTML\n`);
    expect(bytes).toBeLessThan(512 * 1024);
  }
});

test('the page of a model tells who serves it, how well, what it cost and what it is called', async ({
  page,
  market,
  consoleErrors,
}) => {
  await page.goto(`/${market.model}`);
  const endpoints = page.getByRole('region', { name: 'Endpoints' });
  for (const column of ['Uptime, day', 'Latency', 'Tokens/s', 'Data'])
    await expect(endpoints.getByRole('columnheader', { name: column })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Performance' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Price history' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Prices and their time' }).getByText('now').first()).toBeVisible();
  expect(consoleErrors).toEqual([]);
});

test('what was measured of an endpoint is shown on the page of its model', async ({ page, market, request }) => {
  for (let count = 0; count < 6; count += 1) {
    const answer = await request.post(`${market.gatewayUrl}/chat/completions`, {
      headers: { authorization: `Bearer ${market.apiKey}` },
      data: {
        model: market.model,
        stream: true,
        max_tokens: 40,
        messages: [{ role: 'user', content: `Tell me ${count}` }],
      },
    });
    expect(answer.status()).toBe(200);
    await answer.body();
  }
  // The history is written twice a minute, also in the middle of a call, of whose end it tells the next time.
  await expect(async () => {
    await page.goto(`/${market.model}`);
    await expect(page.getByText('Milliseconds to the first token').first()).toBeVisible({ timeout: 2_000 });
    const uptime = page.getByRole('img', { name: /of calls succeeded$/ }).first();
    await expect(uptime).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 75_000 });
});

test('a name with a routing suffix leads to the page of its model', async ({ page, market }) => {
  await page.goto(`/${market.model}:nitro`);
  await expect(page).toHaveURL(new RegExp(`/${market.model}$`));
});

test('providers tell what they do with data', async ({ page, consoleErrors }) => {
  await page.goto('/providers');
  const providers = page.getByRole('region', { name: 'Providers' });
  await expect(providers.getByRole('columnheader', { name: 'Data' })).toBeVisible();
  await expect(providers.getByText('ZDR').first()).toBeVisible();
  expect(consoleErrors).toEqual([]);
});

test('what is new is told by kind and by page, and as feeds that answer', async ({ page, request, consoleErrors }) => {
  await page.goto('/whats-new');
  await expect(page.getByRole('heading', { name: 'Newest models' })).toBeVisible();
  const rows = page.getByRole('region', { name: 'Changes of the catalog' }).getByRole('row');
  await expect(rows).toHaveCount(51);
  await page.getByRole('link', { name: 'Next page' }).click();
  await expect(page).toHaveURL(/before=\d+/);
  await expect(page.getByRole('link', { name: 'First page' })).toBeVisible();
  for (const path of ['/whats-new', '/models']) {
    await page.goto(path);
    const href = await page.getByRole('link', { name: 'RSS feed' }).getAttribute('href');
    const feed = await request.get(href ?? '');
    expect(feed.status()).toBe(200);
    expect(feed.headers()['content-type']).toContain('application/rss+xml');
  }
  expect(consoleErrors).toEqual([]);
});
