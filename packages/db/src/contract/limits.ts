import type { RateRule } from '@bourse/access';

/** Where an organization's limits differ from the gateways' defaults. Null = as they are, 0 = no limit; all are whole numbers. */
export interface OrganizationLimits {
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  /** Requests that run at once. */
  readonly streams: number | null;
  readonly freeRequestsPerMinute: number | null;
  readonly freeRequestsPerDay: number | null;
}

/** Who changes the limits of an organization, and why. Absent limits stay as they are. */
export interface OrganizationLimitsChange {
  readonly organizationId: string;
  readonly limits: Partial<OrganizationLimits>;
  readonly actor: string;
  readonly reason: string;
}

/** Limits that are kept with the books. Changes are announced on the topic `organization`. */
export interface LimitStore {
  /** All null for an organization that has none of its own. */
  organization(organizationId: string): Promise<OrganizationLimits>;
  /** Null when there is no such organization. */
  changeOrganization(change: OrganizationLimitsChange): Promise<OrganizationLimits | null>;
  /**
   * Takes one unit of a rate that everybody shares who has this database: microseconds to wait, 0 = taken. For what people do a few times an
   * hour; `name` says whose and what, such as `key_creation:org_1`.
   */
  take(name: string, rule: RateRule): Promise<number>;
  /** Forgets up to so many names of which nothing is left to remember; answers how many. */
  prune(limit: number): Promise<number>;
}
