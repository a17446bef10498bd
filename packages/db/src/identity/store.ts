import { generateId } from '@bourse/ids';
import type { Connection } from '../connection.ts';
import type { IdentityStore, UserRecord } from '../contract.ts';
import type { User } from '../generated/client.ts';
import { personalOrganization } from '../organizations/store.ts';
import { sha256Hex } from '../sha256.ts';

function toUser(row: User): UserRecord {
  return {
    id: row.id,
    email: row.email,
    emailVerifiedAt: row.emailVerifiedAt,
    name: row.name,
    image: row.image,
    isOperator: row.isOperator,
    createdAt: row.createdAt,
  };
}

/** E-mail addresses are compared and kept in lower case, without surrounding space. */
function normalized(email: string): string {
  return email.trim().toLowerCase();
}

type NewUser = Parameters<IdentityStore['createUser']>[0];

/** The unique e-mail decides a race: who loses it reads the winner's user. */
async function createUser({ prisma }: Connection, user: NewUser): Promise<UserRecord> {
  const email = normalized(user.email);
  const existing = await prisma.user.findUnique({ where: { email } });
  if (existing) return toUser(existing);
  const id = generateId('usr');
  const name = user.name?.trim() || email.slice(0, email.indexOf('@'));
  const data = {
    id,
    email,
    name: user.name ?? null,
    image: user.image ?? null,
    emailVerifiedAt: user.emailVerifiedAt ?? null,
  };
  const organization = personalOrganization({ name, isDemo: user.isDemo ?? false });
  try {
    return toUser(
      await prisma.user.create({
        data: { ...data, memberships: { create: { role: 'owner', organization: { create: organization } } } },
      }),
    );
  } catch (error) {
    const winner = await prisma.user.findUnique({ where: { email } });
    if (winner) return toUser(winner);
    throw error;
  }
}

function sessions({
  prisma,
}: Connection): Pick<IdentityStore, 'createSession' | 'findSession' | 'extendSession' | 'deleteSession'> {
  return {
    createSession: async ({ token, userId, expiresAt }) => {
      await prisma.session.create({ data: { tokenHash: sha256Hex(token), userId, expiresAt } });
    },
    findSession: async (token, now) => {
      const row = await prisma.session.findUnique({ where: { tokenHash: sha256Hex(token) }, include: { user: true } });
      if (!row || row.expiresAt <= now) return null;
      return { session: { userId: row.userId, expiresAt: row.expiresAt }, user: toUser(row.user) };
    },
    extendSession: async (token, expiresAt) => {
      const tokenHash = sha256Hex(token);
      const { count } = await prisma.session.updateMany({ where: { tokenHash }, data: { expiresAt } });
      if (count === 0) return null;
      const row = await prisma.session.findUnique({ where: { tokenHash } });
      return row && { userId: row.userId, expiresAt: row.expiresAt };
    },
    deleteSession: async (token) => {
      await prisma.session.deleteMany({ where: { tokenHash: sha256Hex(token) } });
    },
  };
}

function verificationTokens({
  prisma,
  pool,
}: Connection): Pick<IdentityStore, 'createVerificationToken' | 'useVerificationToken' | 'deleteExpired'> {
  return {
    createVerificationToken: async ({ identifier, token, expiresAt }) => {
      await prisma.verificationToken.create({
        data: { identifier: normalized(identifier), tokenHash: sha256Hex(token), expiresAt },
      });
    },
    useVerificationToken: async ({ identifier, token }) => {
      // One statement reads and removes: of two clicks on the same link only one signs in.
      const { rows } = await pool.query<{ expires_at: Date }>(
        'DELETE FROM verification_token WHERE identifier = $1 AND token_hash = $2 RETURNING expires_at',
        [normalized(identifier), sha256Hex(token)],
      );
      return rows[0] ? { expiresAt: rows[0].expires_at } : null;
    },
    deleteExpired: async (now) => {
      const gone = { where: { expiresAt: { lt: now } } };
      const [ended, unused] = await Promise.all([
        prisma.session.deleteMany(gone),
        prisma.verificationToken.deleteMany(gone),
      ]);
      return ended.count + unused.count;
    },
  };
}

/** Users and how they sign in. */
export function createIdentityStore(connection: Connection): IdentityStore {
  const { prisma } = connection;
  return {
    ...sessions(connection),
    ...verificationTokens(connection),
    createUser: (user) => createUser(connection, user),
    getUser: async (userId) => {
      const row = await prisma.user.findUnique({ where: { id: userId } });
      return row && toUser(row);
    },
    getUserByEmail: async (email) => {
      const row = await prisma.user.findUnique({ where: { email: normalized(email) } });
      return row && toUser(row);
    },
    getUserByLogin: async ({ provider, providerAccountId }) => {
      const row = await prisma.login.findUnique({
        where: { provider_providerAccountId: { provider, providerAccountId } },
        include: { user: true },
      });
      return row && toUser(row.user);
    },
    updateUser: async (userId, changes) => {
      const email = changes.email === undefined ? {} : { email: normalized(changes.email) };
      const rest = {
        ...(changes.name === undefined ? {} : { name: changes.name }),
        ...(changes.image === undefined ? {} : { image: changes.image }),
        ...(changes.emailVerifiedAt === undefined ? {} : { emailVerifiedAt: changes.emailVerifiedAt }),
      };
      return toUser(await prisma.user.update({ where: { id: userId }, data: { ...rest, ...email } }));
    },
    linkLogin: async (login) => {
      const key = { provider: login.provider, providerAccountId: login.providerAccountId };
      const data = { ...key, userId: login.userId, type: login.type };
      await prisma.login.upsert({ where: { provider_providerAccountId: key }, create: data, update: {} });
    },
  };
}
