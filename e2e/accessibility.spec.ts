import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

/** What anyone may see without an account. */
const publicPages = ['/', '/models', '/rankings', '/providers', '/whats-new', '/chat', '/docs', '/sign-in'] as const;

/** How the element that has the focus shows it: an outline or a ring. Null when nothing on the page has it. */
function focusMark(page: Page): Promise<{ name: string; isVisible: boolean } | null> {
  return page.evaluate(() => {
    const focused = document.activeElement;
    if (focused === null || focused === document.body) return null;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(focused);
    const hasOutline = outlineStyle !== 'none' && outlineWidth !== '0px';
    const name = `${focused.tagName.toLowerCase()} "${focused.textContent?.trim().slice(0, 40)}"`;
    return { name, isVisible: hasOutline || boxShadow !== 'none' };
  });
}

for (const path of publicPages) {
  test(`${path} has one main heading, a title and landmarks, and nothing to complain about`, async ({
    page,
    consoleErrors,
  }) => {
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(200);
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
    await expect(page.getByRole('main')).toHaveCount(1);
    await expect(page).toHaveTitle(/\S/);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.locator('img:not([alt])').count()).toBe(0);
    expect(consoleErrors).toEqual([]);
  });

  test(`${path} shows where the keyboard is`, async ({ page }) => {
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    for (let step = 0; step < 8; step += 1) {
      await page.keyboard.press('Tab');
      const mark = await focusMark(page);
      if (mark !== null) expect(mark, `step ${step}: ${mark.name}`).toMatchObject({ isVisible: true });
    }
  });
}

test('the page of a model has one main heading and nothing to complain about', async ({
  page,
  market,
  consoleErrors,
}) => {
  const answer = await page.goto(`/${market.model}`);
  expect(answer?.status()).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  expect(consoleErrors).toEqual([]);
});

test('an unknown address says so with status 404, and leads back', async ({ page }) => {
  const answer = await page.goto('/nobody/no-such-model');
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  await expect(page.getByRole('main').getByRole('link').first()).toBeVisible();
});
