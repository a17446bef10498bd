import { hash } from 'node:crypto';
import { type Action, authorize, keyState, type Principal } from '@bourse/access';
import type { ApiKeySnapshot } from '@bourse/db';
import { AppError, isAppError } from '@bourse/errors';
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

/** Who is asked for a key: its headers, and where it comes from as limits name it (null = it is not counted). */
export interface Presenter {
  readonly header: (name: string) => string | null;
  readonly address: string | null;
}

type Needed = Pick<Deps, 'keys' | 'keyUse' | 'now' | 'dashboardUrl' | 'admission'>;

/** What is known of the key that is presented. An address that has sent too many wrong ones is not looked up: only known keys come in from there. */
function lookUp({ header, address }: Presenter, deps: Needed): ReturnType<Needed['keys']['get']> {
  const text = presentedKey(header) ?? refuse('No API key was sent. Send it as "Authorization: Bearer <key>".');
  if (parseApiKey(text) === null) refuse('This is not a valid API key. Check that it was copied whole.');
  const hash = hashApiKey(text);
  const suspicion = deps.admission.suspicion(address);
  if (suspicion !== null && !deps.keys.knows(hash)) throw suspicion;
  return deps.keys.get(hash);
}

function assertActive(key: ApiKeySnapshot | null, deps: Needed): ApiKeySnapshot {
  if (key === null) refuse(`No such API key. Create one at ${deps.dashboardUrl}/settings/keys.`);
  const { disabledAt, expiresAt } = key;
  const state = keyState({ disabledAt, expiresAt, deletedAt: null }, deps.now());
  if (state !== 'active') refuse(state === 'expired' ? 'This API key has expired.' : 'This API key is disabled.');
  return key;
}

/** What an address is told that sent a wrong key: that, or that it has sent too many. */
function failure(thrown: unknown, { address }: Presenter, deps: Needed): unknown {
  const isWrong = isAppError(thrown) && thrown.code === 'unauthenticated';
  return (isWrong ? deps.admission.authenticationFailed(address) : null) ?? thrown;
}

/**
 * The caller behind a key, from memory or one database read. Throws `unauthenticated` only when the key is positively unknown,
 * disabled or expired; a database that does not answer is `service_unavailable`. Throws `forbidden` when the key's kind may not, and
 * `rate_limited` in place of `unauthenticated` to an address that sends one wrong key after the other.
 */
export async function authenticate(presenter: Presenter, action: Action, deps: Needed): Promise<Caller> {
  let key: ApiKeySnapshot;
  try {
    const found = lookUp(presenter, deps);
    key = assertActive(found instanceof Promise ? await found : found, deps);
  } catch (thrown) {
    throw failure(thrown, presenter, deps);
  }
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
