import { AppError } from '@bourse/errors';
import type { OrganizationRole, Principal } from './principal.ts';

/** Who may do one thing. */
interface ActionRule {
  readonly inferenceKey: boolean;
  readonly managementKey: boolean;
  /** The roles of signed-in people. */
  readonly roles: readonly OrganizationRole[];
}

const everyone = ['owner', 'admin', 'member'] as const;
const admins = ['owner', 'admin'] as const;

/**
 * Everything that can be allowed or refused. Adding a row is the only way to add an action. Reading what one's own calls
 * did and cost is open to every key; what belongs to the whole organization takes a management key.
 */
export const actionTable = {
  /** Call a model: spends credits. */
  'inference.create': { inferenceKey: true, managementKey: false, roles: everyone },
  /** Read the state of the very key that asks. */
  'key.read_self': { inferenceKey: true, managementKey: true, roles: [] },
  /** List, create, change and delete keys of the organization. */
  'keys.manage': { inferenceKey: false, managementKey: true, roles: everyone },
  /** Read the balance. Clients with an inference key show it, so it may. */
  'credits.read': { inferenceKey: true, managementKey: true, roles: everyone },
  /** Buy credits: opens a checkout on behalf of the organization. */
  'credits.purchase': { inferenceKey: false, managementKey: true, roles: admins },
  /** Read the record of one generation of the organization. */
  'generation.read': { inferenceKey: true, managementKey: true, roles: everyone },
  /** Read usage of the whole organization by day, model and key. */
  'activity.read': { inferenceKey: false, managementKey: true, roles: everyone },
  /** Read the public datasets: rankings as data. */
  'datasets.read': { inferenceKey: true, managementKey: true, roles: everyone },
  /** Rename the organization, invite and remove members. */
  'organization.manage': { inferenceKey: false, managementKey: false, roles: admins },
} as const satisfies Readonly<Record<string, ActionRule>>;

/** Something that a principal asks to do. */
export type Action = keyof typeof actionTable;

function refusal(principal: Principal, action: Action): string {
  if (principal.kind === 'session') return 'Your role in this organization does not allow this.';
  if (action === 'inference.create') return 'Management keys cannot call models; use an inference key.';
  const rule: ActionRule = actionTable[action];
  return rule.managementKey
    ? 'Only management keys can perform this operation'
    : 'API keys cannot do this; sign in to the dashboard.';
}

/** True when the principal may do it. For showing or hiding; whoever acts calls `authorize`. */
export function isAllowed(principal: Principal, action: Action): boolean {
  const rule: ActionRule = actionTable[action];
  if (principal.kind === 'session') return rule.roles.includes(principal.role);
  return principal.keyKind === 'management' ? rule.managementKey : rule.inferenceKey;
}

/**
 * Returns when the principal may do it, else throws AppError `forbidden` with a sentence that says what to use instead.
 * It does not look at whose the object is: queries scope by `principal.organizationId`.
 */
export function authorize(principal: Principal, action: Action): void {
  if (!isAllowed(principal, action)) throw new AppError('forbidden', refusal(principal, action), { detail: action });
}
