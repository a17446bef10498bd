import { generateId } from '@bourse/ids';
import type { Connection } from '../connection.ts';
import type { MembershipRole, OrganizationMembership, OrganizationRecord, OrganizationStore } from '../contract.ts';
import { withDatabaseErrors } from '../database-error.ts';
import type { Membership, Organization } from '../generated/client.ts';
import { creditsAccountId } from '../ledger/accounts.ts';

function recordOf(row: Organization): OrganizationRecord {
  const { id, name, isPersonal, isDemo, stripeCustomerId, createdAt } = row;
  return { id, name, isPersonal, isDemo, stripeCustomerId, createdAt };
}

/** The check constraint of the table allows only these words. */
function roleOf(role: string): MembershipRole {
  return role === 'owner' || role === 'admin' ? role : 'member';
}

function membershipOf(row: Membership & { readonly organization: Organization }): OrganizationMembership {
  return { ...recordOf(row.organization), role: roleOf(row.role) };
}

async function createPersonal(
  { prisma }: Pick<Connection, 'prisma'>,
  request: { readonly userId: string; readonly name: string; readonly isDemo?: boolean },
): Promise<OrganizationRecord> {
  return prisma.$transaction(async (tx) => {
    // The user's row is the lock: two sign-ins at once must not make two personal organizations.
    await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${request.userId} FOR UPDATE`;
    const own = await tx.membership.findFirst({
      where: { userId: request.userId, role: 'owner', organization: { isPersonal: true } },
      include: { organization: true },
    });
    if (own) return recordOf(own.organization);
    const id = generateId('org');
    const organization = await tx.organization.create({
      data: {
        id,
        name: request.name,
        isPersonal: true,
        isDemo: request.isDemo ?? false,
        memberships: { create: { userId: request.userId, role: 'owner' } },
        ledgerAccount: { create: { id: creditsAccountId(id), kind: 'credits' } },
      },
    });
    return recordOf(organization);
  });
}

/** Organizations and who belongs to them. */
export function createOrganizationStore(connection: Pick<Connection, 'prisma'>): OrganizationStore {
  const { prisma } = connection;
  return withDatabaseErrors<OrganizationStore>({
    createPersonal: (request) => createPersonal(connection, request),
    async get(organizationId) {
      const row = await prisma.organization.findUnique({ where: { id: organizationId } });
      return row ? recordOf(row) : null;
    },
    async forUser(userId) {
      const rows = await prisma.membership.findMany({
        where: { userId },
        include: { organization: true },
        orderBy: [
          { organization: { isPersonal: 'desc' } },
          { organization: { createdAt: 'asc' } },
          { organizationId: 'asc' },
        ],
      });
      return rows.map(membershipOf);
    },
    async membership({ userId, organizationId }) {
      const row = await prisma.membership.findUnique({
        where: { organizationId_userId: { organizationId, userId } },
        include: { organization: true },
      });
      return row ? membershipOf(row) : null;
    },
    async setStripeCustomer({ organizationId, stripeCustomerId }) {
      await prisma.organization.update({ where: { id: organizationId }, data: { stripeCustomerId } });
    },
  });
}
