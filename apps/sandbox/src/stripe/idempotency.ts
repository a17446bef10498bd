import { StripeFailure } from './failure.ts';
import type { ReplayRecord, StripeStore } from './store.ts';

/** Stripe forgets a key after a day. */
const SECONDS_KEPT = 24 * 3_600;

/** The first answer to this key, if there was one. Throws `StripeFailure` 400 when it came with another request. */
export function findReplay(
  store: StripeStore,
  asked: Pick<ReplayRecord, 'id' | 'fingerprint'>,
): ReplayRecord | undefined {
  const replay = store.replays.get(asked.id);
  if (replay === undefined || replay.fingerprint === asked.fingerprint) return replay;
  throw new StripeFailure(400, {
    type: 'idempotency_error',
    message:
      'Keys for idempotent requests can only be used with the same parameters they were first used with. ' +
      'Try using a key other than the one of this request if you meant to execute a different request.',
  });
}

/** Keeps an answer for the next request with this key, and forgets the ones that are a day old. */
export function keepReplay(store: StripeStore, replay: ReplayRecord): void {
  store.replays.put(replay);
  for (const { id, at } of store.replays.list()) {
    if (at < replay.at - SECONDS_KEPT) store.replays.delete(id);
  }
}
