import { formatUsd, nanodollars, nanodollarsFromUsd } from '@bourse/money';
import type { Locator, Page } from '@playwright/test';
import OpenAI from 'openai';
import type { DevInfo } from '../scripts/start/dev-info.ts';
import { expect, test } from './fixtures.ts';

// The way of a stranger from nothing to a call that shows up in the rankings; the promise of the product in one test.

const BOUGHT_USD = '20';

/** What the books say of a call: its id and exact cost. */
interface Called {
  readonly id: string;
  readonly cost: bigint;
  readonly tokens: number;
}

/** The exact value behind a formatted amount or count. */
async function valueIn(place: Locator): Promise<string> {
  const value = await place.locator('data').first().getAttribute('value');
  if (value === null) throw new Error('there is no amount here');
  return value;
}

/** The link in the mail that the sandbox's mailbox holds for an address. */
async function linkMailedTo(page: Page, market: DevInfo, email: string): Promise<string> {
  await page.goto(`${market.sandboxUrl}/mailbox?to=${encodeURIComponent(email)}`);
  const mail = page.getByRole('main').getByRole('listitem').getByRole('link').first();
  await expect(async () => {
    await page.reload();
    await expect(mail).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 15_000 });
  await mail.click();
  const link = page.getByRole('region', { name: 'Links in this mail' }).getByRole('link').first();
  const href = await link.getAttribute('href');
  if (href === null) throw new Error('the mail has no link');
  return href;
}

/** A table by the name that screen readers say. */
function tableNamed(page: Page, name: string): Locator {
  return page.getByRole('region', { name, exact: true }).getByRole('table');
}

async function signUp(page: Page, market: DevInfo, email: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', { name: 'Send sign-in link' }).click();
  await expect(page.getByText('Check your mail')).toBeVisible();
  await page.goto(await linkMailedTo(page, market, email));
  await page.goto('/settings/credits');
  await expect(page.getByRole('heading', { level: 1, name: 'Credits' })).toBeVisible();
}

/** The big number of the balance card. */
function available(page: Page): Locator {
  return page.getByText('Available', { exact: true }).locator('..');
}

async function buyCredits(page: Page): Promise<void> {
  expect(await valueIn(available(page))).toBe('0');
  await page.getByLabel('Amount in US dollars').fill(BOUGHT_USD);
  await page.getByRole('button', { name: 'Continue to checkout' }).click();
  // At the sandbox's checkout page now, on another host.
  const email = page.getByLabel('Email');
  await expect(page.getByText('Sandbox: simulated payment')).toBeVisible();
  if ((await email.inputValue()) === '') await email.fill(`stranger-${Date.now()}@example.com`);
  await page.getByRole('button', { name: /^Pay \$/ }).click();
  await expect(page.getByText('in credits were added', { exact: false })).toBeVisible({ timeout: 30_000 });
  await expect(available(page).locator('data').first()).toHaveAttribute('value', BOUGHT_USD);
}

async function createKey(page: Page, name: string): Promise<string> {
  await page.goto('/settings/keys');
  await page.getByRole('button', { name: 'Create key' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Create key' }).click();
  const key = await dialog.getByTestId('new-key').textContent();
  await dialog.getByRole('button', { name: 'I have copied it' }).click();
  await expect(tableNamed(page, 'API keys').getByText(name)).toBeVisible();
  return (key ?? '').trim();
}

/** The members of a usage that OpenAI's types do not know. */
function costOf(usage: unknown): bigint {
  const cost: unknown = typeof usage === 'object' && usage !== null ? Reflect.get(usage, 'cost') : undefined;
  if (typeof cost !== 'number' || !(cost > 0)) throw new Error(`usage.cost is ${String(cost)}`);
  return BigInt(Math.round(cost * 1e9));
}

/** Two calls with the unmodified OpenAI SDK: one whole, one streamed. */
async function callModel(client: OpenAI, model: string): Promise<readonly Called[]> {
  const messages = [{ role: 'user' as const, content: 'Say something about harbours.' }];
  const whole = await client.chat.completions.create({ model, messages, max_tokens: 60 });
  expect(whole.choices[0]?.message.content).toMatch(/\w/);
  const calls = [{ id: whole.id, cost: costOf(whole.usage), tokens: whole.usage?.total_tokens ?? 0 }];

  const stream = await client.chat.completions.create({
    model,
    messages,
    max_tokens: 60,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    if (chunk.usage) calls.push({ id: chunk.id, cost: costOf(chunk.usage), tokens: chunk.usage.total_tokens });
  }
  expect(text).toMatch(/\w/);
  expect(calls).toHaveLength(2);
  return calls;
}

const usd = (amount: bigint) => formatUsd(nanodollars(amount));

/** Activity lists both calls, each with its cost; the receipt of one says the same. */
async function findInActivity(page: Page, calls: readonly Called[]): Promise<void> {
  const table = tableNamed(page, 'Generations');
  // Charges are on their way to the database for a moment, in batches.
  await expect(async () => {
    await page.goto('/activity');
    for (const { id, cost } of calls) {
      const row = table.getByRole('row').filter({ has: page.locator(`a[href="/activity/${id}"]`) });
      await expect(row.locator(`data[value="${usd(cost)}"]`)).toBeVisible({ timeout: 2_000 });
    }
  }).toPass({ timeout: 30_000 });
  const [first] = calls;
  if (first === undefined) throw new Error('there was no call');
  await table.locator(`a[href="/activity/${first.id}"]`).click();
  await expect(page.getByRole('heading', { level: 1, name: first.id })).toBeVisible();
  await expect(page.locator(`data[value="${usd(first.cost)}"]`).first()).toBeVisible();
}

/** The ledger has a line for each call, and the balance fell by exactly their sum. */
async function findInLedger(page: Page, calls: readonly Called[]): Promise<void> {
  await page.goto('/settings/credits');
  const ledger = tableNamed(page, 'Ledger');
  for (const { id, cost } of calls) {
    const row = ledger.getByRole('row').filter({ hasText: id });
    await expect(row.locator(`data[value="${usd(-cost)}"]`)).toBeVisible();
  }
  const spent = calls.reduce((sum, { cost }) => sum + cost, 0n);
  expect(await valueIn(available(page))).toBe(usd(nanodollarsFromUsd(BOUGHT_USD) - spent));
}

/** Tokens of a model in the ranking of the last day; 0 when it is not ranked. */
async function rankedTokens(page: Page, model: string): Promise<number> {
  await page.goto('/rankings?period=day&all=true');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const row = tableNamed(page, 'Models by tokens')
    .getByRole('row')
    .filter({ has: page.locator(`a[href="/${model}"]`) });
  return (await row.count()) === 0 ? 0 : Number(await valueIn(row));
}

async function revokeKey(page: Page, name: string): Promise<void> {
  await page.goto('/settings/keys');
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Revoke' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /revoke/i })
    .click();
  await expect(page.getByRole('dialog')).toBeHidden();
}

test('a stranger signs up, buys credits, calls a model, finds the charge and moves the ranking', async ({
  page,
  market,
  consoleErrors,
}) => {
  test.setTimeout(180_000);
  const before = await rankedTokens(page, market.model);
  await signUp(page, market, `stranger-${Date.now()}@example.com`);
  await buyCredits(page);
  const apiKey = await createKey(page, 'Journey');

  const client = new OpenAI({ baseURL: market.gatewayUrl, apiKey, maxRetries: 0 });
  const calls = await callModel(client, market.model);
  // The dashboard's own host leads to the same API, so that one address is enough to remember.
  const sameApi = new OpenAI({ baseURL: `${market.dashboardUrl}/api/v1`, apiKey, maxRetries: 0 });
  expect((await sameApi.models.list()).data.map(({ id }) => id)).toContain(market.model);

  await findInActivity(page, calls);
  await findInLedger(page, calls);

  const tokens = calls.reduce((sum, call) => sum + call.tokens, 0);
  await expect(async () => {
    expect(await rankedTokens(page, market.model)).toBe(before + tokens);
  }).toPass({ timeout: 60_000, intervals: [2_000] });

  await revokeKey(page, 'Journey');
  await expect(async () => {
    await expect(callModel(client, market.model)).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  }).toPass({ timeout: 5_000, intervals: [250] });
  expect(consoleErrors).toEqual([]);
});

test('somebody who is not signed in is led to the sign-in page and back', async ({ page }) => {
  await page.goto('/settings/keys');
  await expect(page).toHaveURL(/\/sign-in\?callbackUrl=/);
  await expect(page.getByLabel('E-mail address')).toBeVisible();
});
