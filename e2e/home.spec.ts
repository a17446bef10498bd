import { expect, test } from './fixtures.ts';

test('a visitor sees the landing page, and the browser has nothing to complain about', async ({
  page,
  consoleErrors,
}) => {
  const answer = await page.goto('/');
  expect(answer?.status()).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(consoleErrors).toEqual([]);
});
