import { AppError } from '@bourse/errors';
import { generateId } from '@bourse/ids';
import type { Connection } from '../connection.ts';
import type { MembershipRole, OrganizationMembership, OrganizationRecord, OrganizationStore } from '../contract.ts';
import type { Organization, Prisma } from '../generated/client.ts';
import { creditsAccountId } from '../ledger/accounts.ts';

function toRecord(row: Organization): OrganizationRecord {
  return {
    id: row.id,
    name: row.name,
    isPersonal: row.isPersonal,
    isDemo: row.isDemo,
    stripeCustomerId: row.stripeCustomerId,
    createdAt: row.createdAt,
  };
}

function role(text: string): MembershipRole {
  if (text === 'owner' || text === 'admin' || text === 'member') return text;
  throw new AppError('internal', 'Something failed on our side.', { detail: `unknown role ${text}` });
}

/** A personal organization with its owner and its ledger account, as Prisma writes it. */
export function personalOrganization(request: {
  readonly name: string;
  readonly isDemo: boolean;
}): Prisma.OrganizationCreateInput {
  const id = generateId('org');
  return {
    id,
    name: request.name,
    isPersonal: true,
    isDemo: request.isDemo,
    ledgerAccount: { create: { id: creditsAccountId(id), kind: 'credits' } },
  };
}

async function createPersonal(
  { prisma }: Connection,
  request: { readonly userId: string; readonly name: string; readonly isDemo?: boolean },
): Promise<OrganizationRecord> {
  return prisma.$transaction(async (sql) => {
    // Two first sign-ins at once must not make two personal organizations: the user's row is the lock.
    await sql.$queryRaw`SELECT 1 FROM "user" WHERE id = ${request.userId} FOR UPDATE`;
    const existing = await sql.organization.findFirst({
      where: { isPersonal: true, memberships: { some: { userId: request.userId } } },
    });
    if (existing) return toRecord(existing);
    const data = personalOrganization({ name: request.name, isDemo: request.isDemo ?? false });
    const membership = { create: { userId: request.userId, role: 'owner' } };
    return toRecord(await sql.organization.create({ data: { ...data, memberships: membership } }));
  });
}

/** Organizations and memberships. */
export function createOrganizationStore(connection: Connection): OrganizationStore {
  const { prisma } = connection;
  return {
    createPersonal: (request) => createPersonal(connection, request),
    get: async (organizationId) => {
      const row = await prisma.organization.findUnique({ where: { id: organizationId } });
      return row && toRecord(row);
    },
    forUser: async (userId) => {
      const rows = await prisma.membership.findMany({
        where: { userId },
        include: { organization: true },
        orderBy: [{ organization: { isPersonal: 'desc' } }, { organization: { createdAt: 'asc' } }],
      });
      return rows.map((row): OrganizationMembership => ({ ...toRecord(row.organization), role: role(row.role) }));
    },
    membership: async ({ userId, organizationId }) => {
      const row = await prisma.membership.findUnique({
        where: { organizationId_userId: { organizationId, userId } },
        include: { organization: true },
      });
      return row && { ...toRecord(row.organization), role: role(row.role) };
    },
    ownerEmails: async (organizationId) => {
      const owners = await prisma.membership.findMany({
        where: { organizationId, role: 'owner' },
        include: { user: { select: { email: true } } },
        orderBy: { createdAt: 'asc' },
      });
      return owners.map(({ user }) => user.email);
    },
    setStripeCustomer: async ({ organizationId, stripeCustomerId }) => {
      await prisma.organization.update({ where: { id: organizationId }, data: { stripeCustomerId } });
    },
  };
}
