/** What decides whether a key works. Times are UTC; null means never. */
export interface KeyLifecycle {
  readonly disabledAt: Date | null;
  readonly expiresAt: Date | null;
  readonly deletedAt: Date | null;
}

/** Only an `active` key may be used. */
export type KeyState = 'active' | 'disabled' | 'expired';

/**
 * The state of a key at a moment in milliseconds since 1970. A deleted key is disabled for good; disabling wins over
 * expiry, because somebody decided it. The moment of expiry is already expired. `disabledAt` and `deletedAt` count
 * whatever their time: a clock that runs behind must not revive a revoked key.
 */
export function keyState({ disabledAt, expiresAt, deletedAt }: KeyLifecycle, nowMs: number): KeyState {
  if (deletedAt !== null || disabledAt !== null) return 'disabled';
  if (expiresAt !== null && expiresAt.getTime() <= nowMs) return 'expired';
  return 'active';
}
