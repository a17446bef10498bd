import type { IdentityStore, UserRecord } from '../contract.ts';

/** A user as next-auth knows it. */
export interface AuthUser {
  readonly id: string;
  readonly email: string;
  readonly emailVerified: Date | null;
  readonly name: string | null;
  readonly image: string | null;
}

/** A session as next-auth knows it. */
export interface AuthSession {
  readonly sessionToken: string;
  readonly userId: string;
  readonly expires: Date;
}

/** An e-mail link as next-auth knows it. */
export interface AuthVerificationToken {
  readonly identifier: string;
  readonly token: string;
  readonly expires: Date;
}

/** A login at another company as next-auth knows it ("account" there; that word is the ledger's here). Tokens of that company are not kept. */
export interface AuthLogin {
  readonly userId: string;
  readonly type: string;
  readonly provider: string;
  readonly providerAccountId: string;
}

interface UserChanges {
  readonly id: string;
  readonly email?: string | null;
  readonly emailVerified?: Date | null;
  readonly name?: string | null;
  readonly image?: string | null;
}

/** The functions that next-auth 4 calls a database adapter; the form is its, so no import of next-auth is needed. */
export interface AuthAdapter {
  createUser(user: {
    email: string;
    emailVerified: Date | null;
    name?: string | null;
    image?: string | null;
  }): Promise<AuthUser>;
  getUser(id: string): Promise<AuthUser | null>;
  getUserByEmail(email: string): Promise<AuthUser | null>;
  getUserByAccount(login: { provider: string; providerAccountId: string }): Promise<AuthUser | null>;
  updateUser(user: UserChanges): Promise<AuthUser>;
  linkAccount(login: AuthLogin): Promise<void>;
  createSession(session: AuthSession): Promise<AuthSession>;
  getSessionAndUser(sessionToken: string): Promise<{ session: AuthSession; user: AuthUser } | null>;
  updateSession(session: { sessionToken: string; expires?: Date }): Promise<AuthSession | null>;
  deleteSession(sessionToken: string): Promise<void>;
  createVerificationToken(token: AuthVerificationToken): Promise<AuthVerificationToken>;
  useVerificationToken(token: { identifier: string; token: string }): Promise<AuthVerificationToken | null>;
}

function toAuthUser(user: UserRecord): AuthUser {
  return { id: user.id, email: user.email, emailVerified: user.emailVerifiedAt, name: user.name, image: user.image };
}

async function authUser(found: Promise<UserRecord | null>): Promise<AuthUser | null> {
  const user = await found;
  return user && toAuthUser(user);
}

/** next-auth's view of the identity store. A new user gets a personal organization; tokens are stored hashed. */
export function createAuthAdapter(db: { readonly identity: IdentityStore }, now: () => Date): AuthAdapter {
  const { identity } = db;
  return {
    createUser: async ({ emailVerified, ...user }) =>
      toAuthUser(await identity.createUser({ ...user, emailVerifiedAt: emailVerified })),
    getUser: (id) => authUser(identity.getUser(id)),
    getUserByEmail: (email) => authUser(identity.getUserByEmail(email)),
    getUserByAccount: (login) => authUser(identity.getUserByLogin(login)),
    updateUser: async ({ id, email, emailVerified, ...changes }) => {
      const verified = emailVerified === undefined ? {} : { emailVerifiedAt: emailVerified };
      return toAuthUser(await identity.updateUser(id, { ...changes, ...verified, ...(email ? { email } : {}) }));
    },
    linkAccount: ({ userId, type, provider, providerAccountId }) =>
      identity.linkLogin({ userId, type, provider, providerAccountId }),
    createSession: async (session) => {
      await identity.createSession({ token: session.sessionToken, userId: session.userId, expiresAt: session.expires });
      return session;
    },
    getSessionAndUser: async (sessionToken) => {
      const found = await identity.findSession(sessionToken, now());
      if (!found) return null;
      const { userId, expiresAt } = found.session;
      return { session: { sessionToken, userId, expires: expiresAt }, user: toAuthUser(found.user) };
    },
    updateSession: async ({ sessionToken, expires }) => {
      const session = expires
        ? await identity.extendSession(sessionToken, expires)
        : ((await identity.findSession(sessionToken, now()))?.session ?? null);
      return session && { sessionToken, userId: session.userId, expires: session.expiresAt };
    },
    deleteSession: (sessionToken) => identity.deleteSession(sessionToken),
    createVerificationToken: async (token) => {
      await identity.createVerificationToken({
        identifier: token.identifier,
        token: token.token,
        expiresAt: token.expires,
      });
      return token;
    },
    useVerificationToken: async ({ identifier, token }) => {
      const used = await identity.useVerificationToken({ identifier, token });
      return used && { identifier, token, expires: used.expiresAt };
    },
  };
}
