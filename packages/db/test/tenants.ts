import type { ApiKeyCreate, Database, HoldRequest, Receipt, SettleRequest } from '@bourse/db';
import { generationId } from '@bourse/ids';
import { type Nanodollars, nanodollars, picodollarsPerUnit } from '@bourse/money';
import { createOrganization, generationRecord, type TestOrganization } from '@bourse/testing';
import { Client } from 'pg';

/** An amount for a test; small numbers read better than dollars here. */
export const nano = (value: number | bigint): Nanodollars => nanodollars(BigInt(value));

export const newGenerationId = (): string => generationId(Date.now());

/** The price sheet of `receiptOf`; a test that looks at prices writes it. */
export const TEST_SHEET = 'test-sheet';

/** A receipt that comes to exactly so much: as many units as nanodollars, at a nanodollar each. */
export function receiptOf(charge: number): Receipt {
  const line = { meter: 'output', quantity: charge, price: picodollarsPerUnit(1_000n) } as const;
  return {
    lines: charge === 0 ? [] : [line],
    priceSheetId: TEST_SHEET,
    markupBps: 0,
    rounding: 'ceil-nanodollar-once',
  };
}

/** A hold of an owner with a generation id of its own. */
export function holdOf(
  owner: Pick<TestOrganization, 'organizationId' | 'apiKeyId'>,
  amount: number,
  id = newGenerationId(),
): HoldRequest {
  const { organizationId, apiKeyId } = owner;
  return { generationId: id, organizationId, apiKeyId, amount: nano(amount), ttlMs: 60_000, gatewayId: 'gateway-1' };
}

/** The end of a generation of an owner. */
export function settleOf(
  owner: Pick<TestOrganization, 'organizationId' | 'apiKeyId'>,
  end: { readonly id: string; readonly charge: number; readonly cost?: number },
): SettleRequest {
  const record = generationRecord(owner, { id: end.id, receipt: receiptOf(end.charge) });
  return { charge: nano(end.charge), cost: nano(end.cost ?? end.charge), providerSlug: 'sandbox-north', record };
}

/** An organization with so many nanodollars, and a key that may be limited. */
export async function tenant(
  db: Database,
  credits: number,
  key: Partial<ApiKeyCreate> = {},
): Promise<TestOrganization> {
  const owner = await createOrganization(db, { credits: nano(credits) });
  if (Object.keys(key).length === 0) return owner;
  const { record, plaintext } = await db.keys.create({
    organizationId: owner.organizationId,
    createdByUserId: null,
    kind: 'inference',
    name: 'limited',
    ...key,
  });
  return { ...owner, apiKeyId: record.id, apiKey: plaintext };
}

/** Plain SQL for what no store offers: looking behind the curtain, and breaking things. */
export async function sqlClient(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}
