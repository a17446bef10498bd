import type { Database } from '@bourse/db';
import { nanodollarsFromUsd } from '@bourse/money';

/** An organization that clients of a chaos run spend for. */
export interface Tenant {
  readonly name: string;
  readonly organizationId: string;
  readonly keys: readonly TenantKey[];
  /** True when its credits never run out: then nothing may ever be clamped. */
  readonly isRich: boolean;
}

/** One key of a tenant. */
export interface TenantKey {
  readonly id: string;
  readonly text: string;
  /** Nanodollars per UTC day; null = none. */
  readonly limit: bigint | null;
}

/** What a tenant begins with. Amounts in dollars. */
export interface TenantSpec {
  readonly name: string;
  readonly credits: string;
  /** One key each; null = without a limit. */
  readonly keyLimits: readonly (string | null)[];
  readonly isRich: boolean;
}

let grants = 0;

/** More credits for a tenant. */
export async function grant(db: Database, organizationId: string, usd: string): Promise<void> {
  grants += 1;
  await db.ledger.grant({
    idempotencyKey: `grant:chaos:${organizationId}:${grants}`,
    organizationId,
    amount: nanodollarsFromUsd(usd),
    reference: 'chaos',
    actor: 'chaos',
  });
}

/** Signs a tenant up, gives it credits and keys. */
export async function createTenant(db: Database, spec: TenantSpec): Promise<Tenant> {
  const user = await db.identity.createUser({ email: `${spec.name}@example.com` });
  const [organization] = await db.organizations.forUser(user.id);
  if (organization === undefined) throw new Error('a new user has no organization');
  if (spec.credits !== '0') await grant(db, organization.id, spec.credits);
  const keys: TenantKey[] = [];
  for (const usd of spec.keyLimits) {
    const limit = usd === null ? null : nanodollarsFromUsd(usd);
    const { record, plaintext } = await db.keys.create({
      organizationId: organization.id,
      createdByUserId: user.id,
      kind: 'inference',
      name: `${spec.name} ${keys.length}`,
      ...(limit === null ? {} : { limit, limitReset: 'daily' as const }),
    });
    keys.push({ id: record.id, text: plaintext, limit });
  }
  return { name: spec.name, organizationId: organization.id, keys, isRich: spec.isRich };
}
