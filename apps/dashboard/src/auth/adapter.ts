import { invariant } from '@bourse/errors';
import type { Adapter, AdapterSession, AdapterUser } from 'next-auth/adapters';
import type { UserRecord } from '../data/identity.ts';
import { parseEmailAddress } from './email-address.ts';
import { openSession, type SessionDeps } from './open-session.ts';
import { sessionEndsBy, sessionExpiry } from './session-lifetime.ts';

/**
 * next-auth over our own books. E-mail links arrive here as next-auth's hash of what is in the mail, and session tokens as the cookie has
 * them; the store keeps a hash of either. A session's cookie is made to last as long as a session can; how long it does last is ours to
 * say (open-session.ts), so the `expires` that next-auth hands in is not used.
 */
export function createAuthAdapter(deps: SessionDeps): Adapter {
  return { ...userMethods(deps), ...sessionMethods(deps), ...linkMethods(deps) };
}

type UserMethods = Pick<
  Required<Adapter>,
  'createUser' | 'getUser' | 'getUserByEmail' | 'getUserByAccount' | 'updateUser' | 'linkAccount'
>;

function userMethods({ identity }: SessionDeps): UserMethods {
  return {
    createUser: async (user: Omit<AdapterUser, 'id'>) => {
      const email = parseEmailAddress(user.email);
      invariant(email !== null, 'a user without a plain e-mail address');
      const { name, image, emailVerified } = user;
      const created = await identity.createUser({
        email,
        name: name ?? null,
        image: image ?? null,
        emailVerifiedAt: emailVerified,
      });
      return toAdapterUser(created);
    },
    getUser: async (id) => toAdapterUserOrNull(await identity.getUser(id)),
    getUserByEmail: async (text) => {
      const email = parseEmailAddress(text);
      return email === null ? null : toAdapterUserOrNull(await identity.getUserByEmail(email));
    },
    getUserByAccount: async ({ provider, providerAccountId }) =>
      toAdapterUserOrNull(await identity.getUserByLogin({ provider, providerAccountId })),
    updateUser: async ({ id, name, image, emailVerified }) => {
      const changes = {
        ...(name === undefined ? {} : { name }),
        ...(image === undefined ? {} : { image }),
        ...(emailVerified === undefined ? {} : { emailVerifiedAt: emailVerified }),
      };
      return toAdapterUser(await identity.updateUser(id, changes));
    },
    // The tokens of the other company are dropped: we ask it who somebody is, once, and nothing else.
    linkAccount: async ({ userId, provider, providerAccountId, type }: Parameters<LinkAccount>[0]) =>
      identity.linkLogin({ userId, provider, providerAccountId, type }),
  };
}

type LinkAccount = NonNullable<Adapter['linkAccount']>;

type SessionMethods = Pick<
  Required<Adapter>,
  'createSession' | 'getSessionAndUser' | 'updateSession' | 'deleteSession'
>;

function sessionMethods(deps: SessionDeps): SessionMethods {
  return {
    createSession: async ({ sessionToken, userId }) => {
      const expiresAt = sessionExpiry(sessionToken, deps.now());
      invariant(expiresAt !== null, 'a new session that is over');
      await deps.identity.createSession({ token: sessionToken, userId, expiresAt });
      return adapterSession(sessionToken, userId);
    },
    getSessionAndUser: async (sessionToken) => {
      const user = await openSession(sessionToken, deps);
      return user === null ? null : { session: adapterSession(sessionToken, user.id), user: toAdapterUser(user) };
    },
    // Opening has moved the end already.
    updateSession: () => null,
    deleteSession: (sessionToken) => deps.identity.deleteSession(sessionToken),
  };
}

type LinkMethods = Pick<Required<Adapter>, 'createVerificationToken' | 'useVerificationToken'>;

function linkMethods({ identity }: SessionDeps): LinkMethods {
  return {
    createVerificationToken: async ({ identifier, token, expires }) => {
      await identity.createVerificationToken({ identifier, token, expiresAt: expires });
      return { identifier, token, expires };
    },
    useVerificationToken: async ({ identifier, token }) => {
      const used = await identity.useVerificationToken({ identifier, token });
      return used === null ? null : { identifier, token, expires: used.expiresAt };
    },
  };
}

/** As the cookie has it. */
function adapterSession(sessionToken: string, userId: string): AdapterSession {
  const expires = sessionEndsBy(sessionToken);
  invariant(expires !== null, 'a session whose token is not ours');
  return { sessionToken, userId, expires };
}

function toAdapterUser({ id, email, emailVerifiedAt, name, image }: UserRecord): AdapterUser {
  return { id, email, emailVerified: emailVerifiedAt, name, image };
}

function toAdapterUserOrNull(user: UserRecord | null): AdapterUser | null {
  return user === null ? null : toAdapterUser(user);
}
