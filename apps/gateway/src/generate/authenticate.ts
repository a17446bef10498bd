import { hash } from 'node:crypto';
import { type Action, authorize, keyState, type Principal } from '@bourse/access';
import type { ApiKeySnapshot } from '@bourse/db';
import { AppError } from '@bourse/errors';
import { parseApiKey } from '@bourse/ids';
import type { Deps } from '../deps.ts';

/** Who calls: a living key and what it stands for. */
export interface Caller {
  readonly key: ApiKeySnapshot;
  readonly principal: Principal;
}

function refuse(message: string): never {
  throw new AppError('unauthenticated', message);
}

const BEARER = /^\s*bearer\s+(\S+)\s*$/i;

/** The key's text from `Authorization: Bearer` or `x-api-key`; null when neither is there. */
export function presentedKey(header: (name: string) => string | null): string | null {
  const authorization = header('authorization');
  if (authorization === null) return header('x-api-key');
  return BEARER.exec(authorization)?.[1] ?? refuse('The Authorization header must be "Bearer <key>".');
}

/** Lower-case SHA-256 of a key's text: how keys are stored, looked up and cached, always whole. */
export function hashApiKey(text: string): string {
  return hash('sha256', text, 'hex');
}

/**
 * The caller behind a key, from memory or one database read. Throws `unauthenticated` only when the key is positively unknown,
 * disabled or expired; a database that does not answer is `service_unavailable`. Throws `forbidden` when the key's kind may not.
 */
export async function authenticate(
  header: (name: string) => string | null,
  action: Action,
  deps: Pick<Deps, 'keys' | 'keyUse' | 'now' | 'dashboardUrl'>,
): Promise<Caller> {
  const text = presentedKey(header) ?? refuse('No API key was sent. Send it as "Authorization: Bearer <key>".');
  if (parseApiKey(text) === null) refuse('This is not a valid API key. Check that it was copied whole.');
  const found = deps.keys.get(hashApiKey(text));
  const key = found instanceof Promise ? await found : found;
  if (key === null) refuse(`No such API key. Create one at ${deps.dashboardUrl}/settings/keys.`);
  const { disabledAt, expiresAt } = key;
  const state = keyState({ disabledAt, expiresAt, deletedAt: null }, deps.now());
  if (state !== 'active') refuse(state === 'expired' ? 'This API key has expired.' : 'This API key is disabled.');
  const principal: Principal = {
    kind: 'api_key',
    keyId: key.id,
    organizationId: key.organizationId,
    keyKind: key.kind,
  };
  authorize(principal, action);
  deps.keyUse.used(key.id);
  return { key, principal };
}
