import type { Database, GenerationRecord } from '@bourse/db';
import { generationId, randomBase62 } from '@bourse/ids';
import { type Nanodollars, nanodollarsFromUsd } from '@bourse/money';

/** A tenant with a key, ready to spend. */
export interface TestOrganization {
  readonly organizationId: string;
  readonly userId: string;
  readonly email: string;
  readonly apiKeyId: string;
  /** The key's text. */
  readonly apiKey: string;
}

/** Signs a user up, grants `credits` (10 dollars by default; 0n = none) and creates an inference key. */
export async function createOrganization(
  db: Database,
  options: { readonly credits?: Nanodollars } = {},
): Promise<TestOrganization> {
  const email = `${randomBase62(10).toLowerCase()}@example.com`;
  const user = await db.identity.createUser({ email });
  const [organization] = await db.organizations.forUser(user.id);
  if (organization === undefined) throw new Error('a new user has no organization');
  const amount = options.credits ?? nanodollarsFromUsd('10');
  if (amount > 0n) {
    await db.ledger.grant({
      idempotencyKey: `grant:test:${organization.id}`,
      organizationId: organization.id,
      amount,
      reference: 'test',
      actor: 'test',
    });
  }
  const key = await db.keys.create({
    organizationId: organization.id,
    createdByUserId: user.id,
    kind: 'inference',
    name: 'test',
  });
  return { organizationId: organization.id, userId: user.id, email, apiKeyId: key.record.id, apiKey: key.plaintext };
}

/** A finished generation of an organization, as a gateway would record it; members can be overridden. */
export function generationRecord(
  owner: Pick<TestOrganization, 'organizationId' | 'apiKeyId'>,
  overrides: Partial<GenerationRecord> = {},
): GenerationRecord {
  return {
    id: generationId(Date.now()),
    organizationId: owner.organizationId,
    apiKeyId: owner.apiKeyId,
    appId: null,
    requestId: `req_${randomBase62(22)}`,
    modelRequested: 'sandbox/atlas-1',
    modelSlug: 'sandbox/atlas-1',
    providerSlug: 'sandbox-north',
    endpointId: 'sandbox/atlas-1@sandbox-north',
    upstreamId: null,
    isStreamed: false,
    isCancelled: false,
    end: 'finished',
    finishReason: 'stop',
    nativeFinishReason: 'stop',
    usage: { input: 10, output: 5 },
    inputTokens: 10,
    outputTokens: 5,
    reasoningTokens: 0,
    cachedTokens: 0,
    basis: 'reported',
    flags: [],
    receipt: null,
    attempts: [],
    latencyMs: 10,
    generationMs: 5,
    httpReferer: null,
    origin: null,
    userAgent: null,
    endUser: null,
    sessionId: null,
    isDemo: false,
    errorCode: null,
    createdAt: new Date(),
    ...overrides,
  };
}
