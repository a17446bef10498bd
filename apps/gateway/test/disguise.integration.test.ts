import { nanodollarsFromUsd } from '@bourse/money';
import { createOrganization } from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hi, type Market, openMarket } from './harness.ts';

/** Providers tell end users apart and never learn who they are. */
let market: Market;
beforeAll(async () => {
  market = await openMarket();
});
afterAll(() => market.stop());

async function toldOf(user: string, key?: string): Promise<unknown> {
  const answer = await market.chat({ ...hi, user, safety_identifier: user }, key === undefined ? {} : { key });
  expect(answer.status).toBe(200);
  const { body } = market.north.calls.at(-1) ?? expect.unreachable('the provider was not called');
  expect(JSON.stringify(body)).not.toContain(user);
  expect(body['safety_identifier']).toBe(body['user']);
  return body['user'];
}

test('a provider is told another name, the same for the same user of the same customer', async () => {
  const stranger = await createOrganization(market.db, { credits: nanodollarsFromUsd('1') });
  const ann = await toldOf('ann@example.com');
  expect(ann).toMatch(/^user_[0-9a-f]{32}$/);
  expect(await toldOf('ann@example.com')).toBe(ann);
  expect(await toldOf('bob@example.com')).not.toBe(ann);
  expect(await toldOf('ann@example.com', stranger.apiKey)).not.toBe(ann);
});

test('the customer’s own records keep the name that the customer gave', async () => {
  const answer = await market.chat({ ...hi, user: 'carl@example.com' });
  const id = answer.headers.get('x-generation-id') ?? '';
  await market.booked();
  const record = await market.db.generations.find({ id, organizationId: market.organizationId });
  expect(record?.endUser).toBe('carl@example.com');
});
