import { createHash } from 'node:crypto';
import { generateId } from '@bourse/ids';
import type { Connection } from '../connection.ts';
import type { IdentityStore, OrganizationStore, SessionRecord, UserRecord } from '../contract.ts';
import { withDatabaseErrors } from '../database-error.ts';
import type { User } from '../generated/client.ts';

/** Sessions and links are kept as this only: who reads the table cannot sign in with it. */
function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function userOf(row: User): UserRecord {
  const { id, email, emailVerifiedAt, name, image, isOperator, createdAt } = row;
  return { id, email, emailVerifiedAt, name, image, isOperator, createdAt };
}

function sessionOf(row: { userId: string; expiresAt: Date }): SessionRecord {
  return { userId: row.userId, expiresAt: row.expiresAt };
}

type Prisma = Connection['prisma'];

async function createUser(
  prisma: Prisma,
  organizations: OrganizationStore,
  user: Parameters<IdentityStore['createUser']>[0],
): Promise<UserRecord> {
  const email = user.email.toLowerCase();
  const row = await prisma.user.upsert({
    where: { email },
    update: {},
    create: {
      id: generateId('usr'),
      email,
      name: user.name ?? null,
      image: user.image ?? null,
      emailVerifiedAt: user.emailVerifiedAt ?? null,
    },
  });
  await organizations.createPersonal({ userId: row.id, name: row.name ?? 'Personal', isDemo: user.isDemo ?? false });
  return userOf(row);
}

function sessions(
  prisma: Prisma,
): Pick<IdentityStore, 'createSession' | 'findSession' | 'extendSession' | 'deleteSession'> {
  return {
    async createSession({ token, userId, expiresAt }) {
      await prisma.session.create({ data: { tokenHash: hashToken(token), userId, expiresAt } });
    },
    async findSession(token, now) {
      const row = await prisma.session.findUnique({ where: { tokenHash: hashToken(token) }, include: { user: true } });
      if (!row || row.expiresAt <= now) return null;
      return { session: sessionOf(row), user: userOf(row.user) };
    },
    async extendSession(token, expiresAt) {
      const tokenHash = hashToken(token);
      const { count } = await prisma.session.updateMany({ where: { tokenHash }, data: { expiresAt } });
      if (count === 0) return null;
      const row = await prisma.session.findUnique({ where: { tokenHash } });
      return row ? sessionOf(row) : null;
    },
    async deleteSession(token) {
      await prisma.session.deleteMany({ where: { tokenHash: hashToken(token) } });
    },
  };
}

function links(
  prisma: Prisma,
): Pick<IdentityStore, 'createVerificationToken' | 'useVerificationToken' | 'deleteExpired'> {
  return {
    async createVerificationToken({ identifier, token, expiresAt }) {
      await prisma.verificationToken.create({ data: { identifier, tokenHash: hashToken(token), expiresAt } });
    },
    async useVerificationToken({ identifier, token }) {
      const where = { identifier_tokenHash: { identifier, tokenHash: hashToken(token) } };
      const row = await prisma.verificationToken.findUnique({ where });
      // Only the deletion consumes it: of two that have read the row, one deletes it.
      const { count } = await prisma.verificationToken.deleteMany({
        where: { identifier, tokenHash: hashToken(token) },
      });
      return row && count === 1 ? { expiresAt: row.expiresAt } : null;
    },
    async deleteExpired(now) {
      const [sessionsGone, linksGone] = await prisma.$transaction([
        prisma.session.deleteMany({ where: { expiresAt: { lte: now } } }),
        prisma.verificationToken.deleteMany({ where: { expiresAt: { lte: now } } }),
      ]);
      return sessionsGone.count + linksGone.count;
    },
  };
}

/** Users, logins, sessions and e-mail links. */
export function createIdentityStore(
  { prisma }: Pick<Connection, 'prisma'>,
  organizations: OrganizationStore,
): IdentityStore {
  const found = (row: User | null | undefined): UserRecord | null => (row ? userOf(row) : null);
  return withDatabaseErrors<IdentityStore>({
    ...sessions(prisma),
    ...links(prisma),
    createUser: (user) => createUser(prisma, organizations, user),
    getUser: async (id) => found(await prisma.user.findUnique({ where: { id } })),
    getUserByEmail: async (email) => found(await prisma.user.findUnique({ where: { email: email.toLowerCase() } })),
    async getUserByLogin({ provider, providerAccountId }) {
      const row = await prisma.login.findUnique({
        where: { provider_providerAccountId: { provider, providerAccountId } },
        include: { user: true },
      });
      return found(row?.user);
    },
    async updateUser(id, { name, image, emailVerifiedAt, email }) {
      const data = {
        ...(name === undefined ? {} : { name }),
        ...(image === undefined ? {} : { image }),
        ...(emailVerifiedAt === undefined ? {} : { emailVerifiedAt }),
        ...(email === undefined ? {} : { email: email.toLowerCase() }),
      };
      return userOf(await prisma.user.update({ where: { id }, data }));
    },
    async linkLogin({ userId, provider, providerAccountId, type }) {
      await prisma.login.create({ data: { userId, provider, providerAccountId, type } });
    },
  });
}
