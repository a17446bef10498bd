import type { ApiKeyKind } from '@bourse/ids';

/** What a member may do in an organization. Owners and admins administer, members use. */
export type OrganizationRole = 'owner' | 'admin' | 'member';

/** Who asks: a program with one of our keys, or a person who is signed in. Both act for exactly one organization. */
export type Principal =
  | {
      readonly kind: 'api_key';
      readonly keyId: string;
      readonly organizationId: string;
      readonly keyKind: ApiKeyKind;
    }
  | {
      readonly kind: 'session';
      readonly userId: string;
      readonly organizationId: string;
      readonly role: OrganizationRole;
    };
