import { createHash } from 'node:crypto';
import type { Database } from '@bourse/db';
import { type ApiKeyKind, generateApiKey, parseApiKey } from '@bourse/ids';
import { nanodollarsFromUsd } from '@bourse/money';

/** How to get into a seeded market. */
export interface DemoAccess {
  readonly email: string;
  readonly apiKey: string;
  readonly managementKey: string;
  readonly organizationId: string;
}

const EMAIL = 'demo@bourse.local';
const CREDITS_USD = '10';

/** The wanted text if it is this organization's key already, or nobody's; else a new key. */
async function ensureKey(
  db: Database,
  organizationId: string,
  wanted: { readonly kind: ApiKeyKind; readonly text: string | undefined },
): Promise<string> {
  const { kind, text } = wanted;
  const usable = text !== undefined && parseApiKey(text) === kind ? text : null;
  const owner = usable === null ? null : await db.keys.findByHash(createHash('sha256').update(usable).digest('hex'));
  if (usable !== null && owner?.organizationId === organizationId) return usable;
  // A wanted text that nobody has is taken, so that a lost database gets the key back that is written down elsewhere.
  const plaintext = usable !== null && owner === null ? usable : generateApiKey(kind);
  await db.keys.create({ organizationId, createdByUserId: null, kind, name: `Demo ${kind} key`, plaintext });
  return plaintext;
}

/**
 * The demo user with an organization, ten dollars of granted credits and both kinds of key. Repeatable: credits are granted once, and keys
 * that are handed in and still work are kept. Keys that were lost are made anew, because only their hashes are stored.
 */
export async function seedDemo(
  db: Database,
  wanted: { readonly apiKey: string | undefined; readonly managementKey: string | undefined },
): Promise<DemoAccess> {
  const known = await db.identity.getUserByEmail(EMAIL);
  const user =
    known ?? (await db.identity.createUser({ email: EMAIL, name: 'Demo', emailVerifiedAt: new Date(), isDemo: true }));
  const organization = await db.organizations.createPersonal({ userId: user.id, name: 'Demo' });
  const organizationId = organization.id;
  await db.ledger.grant({
    idempotencyKey: 'grant:demo',
    organizationId,
    amount: nanodollarsFromUsd(CREDITS_USD),
    reference: 'Demo credits',
    actor: 'seed',
  });
  return {
    email: EMAIL,
    apiKey: await ensureKey(db, organizationId, { kind: 'inference', text: wanted.apiKey }),
    managementKey: await ensureKey(db, organizationId, { kind: 'management', text: wanted.managementKey }),
    organizationId,
  };
}
