import type { Database } from '@bourse/db';
import { generationId } from '@bourse/ids';
import { nanodollars } from '@bourse/money';
import type { TestOrganization } from '@bourse/testing';

/** The shortest time that a hold can have. */
const TTL_MS = 1_000;
const DEADLINE_MS = 30_000;

/** Holds of one nanodollar each that are over in a second, as a gateway that dies leaves them. */
export async function reserveMany(db: Database, owner: TestOrganization, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, () => generationId(Date.now()));
  const results = await Promise.all(
    ids.map((id) =>
      db.ledger.reserve({
        generationId: id,
        organizationId: owner.organizationId,
        apiKeyId: owner.apiKeyId,
        amount: nanodollars(1n),
        ttlMs: TTL_MS,
        gatewayId: 'gw_dead',
      }),
    ),
  );
  const refused = results.filter(({ kind }) => kind !== 'held');
  if (refused.length > 0) throw new Error(`${refused.length} holds were refused: ${refused[0]?.kind}`);
  return ids;
}

/** Polls until the condition holds; throws with the last value after 30 s. */
export async function eventually<Value>(read: () => Promise<Value>, holds: (value: Value) => boolean): Promise<Value> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > deadline) throw new Error(`not within ${DEADLINE_MS} ms; at last ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
