import type { IdentityStore, UserRecord } from '../data/identity.ts';
import { isDueToSlide, sessionExpiry } from './session-lifetime.ts';

/** What sessions are made of. */
export interface SessionDeps {
  readonly identity: IdentityStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * The user of a session that is alive, or null. Using it is what keeps it alive: its end moves, but never beyond its absolute end.
 */
export async function openSession(token: string, deps: SessionDeps): Promise<UserRecord | null> {
  const nowMs = deps.now();
  const expiry = sessionExpiry(token, nowMs);
  if (expiry === null) return null;
  const found = await deps.identity.findSession(token, new Date(nowMs));
  if (found === null) return null;
  if (isDueToSlide(found.session.expiresAt, expiry)) await deps.identity.extendSession(token, expiry);
  return found.user;
}
