import { describe, expect, test } from 'vitest';
import { type Action, actionTable, authorize, isAllowed } from './authorize.ts';
import type { OrganizationRole, Principal } from './principal.ts';

const key = (keyKind: 'inference' | 'management'): Principal => ({
  kind: 'api_key',
  keyId: 'key_1',
  organizationId: 'org_1',
  keyKind,
});
const person = (role: OrganizationRole): Principal => ({
  kind: 'session',
  userId: 'usr_1',
  organizationId: 'org_1',
  role,
});

const principals: Readonly<Record<string, Principal>> = {
  'inference key': key('inference'),
  'management key': key('management'),
  owner: person('owner'),
  admin: person('admin'),
  member: person('member'),
};

const everyone = Object.keys(principals);
const allowed: Readonly<Record<Action, readonly string[]>> = {
  'inference.create': ['inference key', 'owner', 'admin', 'member'],
  'key.read_self': ['inference key', 'management key'],
  'keys.manage': ['management key', 'owner', 'admin', 'member'],
  'credits.read': everyone,
  'credits.purchase': ['management key', 'owner', 'admin'],
  'generation.read': everyone,
  'activity.read': ['management key', 'owner', 'admin', 'member'],
  'datasets.read': everyone,
  'organization.manage': ['owner', 'admin'],
};

function refusalOf(principal: Principal, action: Action): unknown {
  try {
    authorize(principal, action);
    return null;
  } catch (error) {
    return error;
  }
}

describe('authorize', () => {
  const actions = Object.keys(actionTable).filter((name): name is Action => name in actionTable);

  test.each(actions)('%s is open to exactly those whom the table of promises names', (action) => {
    const passed = Object.entries(principals).filter(([, principal]) => refusalOf(principal, action) === null);
    expect(passed.map(([name]) => name)).toEqual(allowed[action]);
    const shown = Object.entries(principals).filter(([, principal]) => isAllowed(principal, action));
    expect(shown.map(([name]) => name)).toEqual(allowed[action]);
  });

  test.each<[string, Principal, Action, string]>([
    [
      'a management key that calls a model',
      key('management'),
      'inference.create',
      'Management keys cannot call models; use an inference key.',
    ],
    [
      'an inference key that manages',
      key('inference'),
      'keys.manage',
      'Only management keys can perform this operation',
    ],
    [
      'a key that administers the organization',
      key('management'),
      'organization.manage',
      'API keys cannot do this; sign in to the dashboard.',
    ],
    [
      'a member who buys credits',
      person('member'),
      'credits.purchase',
      'Your role in this organization does not allow this.',
    ],
  ])('tells %s what to use instead, as a 403', (_case, principal, action, message) => {
    expect(refusalOf(principal, action)).toMatchObject({ code: 'forbidden', message, rule: { status: 403 } });
  });
});
