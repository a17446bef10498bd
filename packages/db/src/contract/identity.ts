/** What a member may do. */
export type MembershipRole = 'owner' | 'admin' | 'member';

/** A tenant: owns keys, members and credits. */
export interface OrganizationRecord {
  readonly id: string;
  readonly name: string;
  readonly isPersonal: boolean;
  readonly isDemo: boolean;
  readonly stripeCustomerId: string | null;
  readonly createdAt: Date;
}

/** An organization as one of its members sees it. */
export interface OrganizationMembership extends OrganizationRecord {
  readonly role: MembershipRole;
}

/** Organizations and who belongs to them. */
export interface OrganizationStore {
  /** Creates the personal organization of a user, its owner and its ledger account; answers the existing one if there is one. */
  createPersonal(request: {
    readonly userId: string;
    readonly name: string;
    readonly isDemo?: boolean;
  }): Promise<OrganizationRecord>;
  get(organizationId: string): Promise<OrganizationRecord | null>;
  /** The personal one first, then by age. */
  forUser(userId: string): Promise<readonly OrganizationMembership[]>;
  /** Null = not a member. */
  membership(key: { readonly userId: string; readonly organizationId: string }): Promise<OrganizationMembership | null>;
  /** The addresses of its owners, whom mail about its money goes to. */
  ownerEmails(organizationId: string): Promise<readonly string[]>;
  setStripeCustomer(request: { readonly organizationId: string; readonly stripeCustomerId: string }): Promise<void>;
}

/** A person who signs in. `email` is lower-case. */
export interface UserRecord {
  readonly id: string;
  readonly email: string;
  readonly emailVerifiedAt: Date | null;
  readonly name: string | null;
  readonly image: string | null;
  readonly isOperator: boolean;
  readonly createdAt: Date;
}

/** A session in the books; its token is kept as a SHA-256 only. */
export interface SessionRecord {
  readonly userId: string;
  readonly expiresAt: Date;
}

/** Users, logins, sessions and e-mail links. Tokens go in as text and are stored as SHA-256. */
export interface IdentityStore {
  /** Creates the user with a personal organization; answers the existing user when the e-mail is known. `isDemo` marks the organization. */
  createUser(user: {
    readonly email: string;
    readonly name?: string | null;
    readonly image?: string | null;
    readonly emailVerifiedAt?: Date | null;
    readonly isDemo?: boolean;
  }): Promise<UserRecord>;
  getUser(userId: string): Promise<UserRecord | null>;
  getUserByEmail(email: string): Promise<UserRecord | null>;
  getUserByLogin(login: { readonly provider: string; readonly providerAccountId: string }): Promise<UserRecord | null>;
  updateUser(
    userId: string,
    changes: {
      readonly name?: string | null;
      readonly image?: string | null;
      readonly emailVerifiedAt?: Date | null;
      readonly email?: string;
    },
  ): Promise<UserRecord>;
  linkLogin(login: {
    readonly userId: string;
    readonly provider: string;
    readonly providerAccountId: string;
    readonly type: string;
  }): Promise<void>;
  createSession(session: { readonly token: string; readonly userId: string; readonly expiresAt: Date }): Promise<void>;
  /** Null when unknown or over by the given time. */
  findSession(token: string, now: Date): Promise<{ readonly session: SessionRecord; readonly user: UserRecord } | null>;
  extendSession(token: string, expiresAt: Date): Promise<SessionRecord | null>;
  deleteSession(token: string): Promise<void>;
  createVerificationToken(token: {
    readonly identifier: string;
    readonly token: string;
    readonly expiresAt: Date;
  }): Promise<void>;
  /** Consumes it: of two concurrent calls one gets it. Null when unknown. Expiry is for the caller to judge. */
  useVerificationToken(token: {
    readonly identifier: string;
    readonly token: string;
  }): Promise<{ readonly expiresAt: Date } | null>;
  /** Removes sessions and e-mail links that are over; answers how many. */
  deleteExpired(now: Date): Promise<number>;
}
