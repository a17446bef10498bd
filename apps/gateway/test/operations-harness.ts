import { ledgerCheck } from '@bourse/db';
import { type Nanodollars, nanodollars, nanodollarsFromUsd } from '@bourse/money';
import { expect } from 'vitest';
import { eventually, heldAmount, type Market } from './harness.ts';
import type { Script } from './scripted-provider.ts';

/** The test market's markup: 500 basis points on the provider's price, rounded up once to a nanodollar. */
export function withMarkup(nanodollarsOfCost: bigint): Nanodollars {
  return nanodollars((nanodollarsOfCost * 10_500n + 9_999n) / 10_000n);
}

/** Answers with this JSON. */
export const answering = (body: unknown, status = 200): Script => {
  return ({ response }) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
};

/** Half of an answer whose whole length was announced. */
export const cutOff: Script = ({ response }) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"object":"list",');
  setTimeout(() => response.destroy(), 20);
};

/** `POST` of JSON to a route of the market. */
export function post(
  market: Market,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${market.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${market.key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** What was taken from the credits so far. */
export async function spent(market: Market): Promise<Nanodollars> {
  await market.booked();
  return (await market.db.ledger.totals(market.organizationId)).totalUsage;
}

/** The record of an answer, with its receipt, as its owner reads it. */
export async function receiptOf(market: Market, response: Response) {
  const id = response.headers.get('x-generation-id') ?? '';
  const answer = await fetch(`${market.url}/generation?id=${id}`, {
    headers: { authorization: `Bearer ${market.key}` },
  });
  expect(answer.status).toBe(200);
  return (await answer.json()).data;
}

/** To the nanodollar: what the receipt charges, what the client read, and what the ledger took. */
export async function expectCharged(
  market: Market,
  { response, cost, before }: { response: Response; cost: bigint; before: Nanodollars },
) {
  const charge = withMarkup(cost);
  expect((await spent(market)) - before).toBe(charge);
  const record = await receiptOf(market, response);
  expect(nanodollarsFromUsd(record.receipt.charged)).toBe(charge);
  return record;
}

/** Nothing is held any more, the books agree, and nobody owes us. */
export async function expectSound(market: Market): Promise<void> {
  await eventually(
    () => heldAmount(market),
    (held) => held === 0n,
  );
  await market.booked();
  const checks = await ledgerCheck({ url: market.databaseUrl, form: 'full' });
  expect(checks.filter((check) => check.differences > 0)).toEqual([]);
  expect((await market.db.ledger.balance(market.organizationId)).available).toBeGreaterThanOrEqual(0n);
}
