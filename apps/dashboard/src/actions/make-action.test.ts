import { AppError } from '@bourse/errors';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Session } from '../data/session.ts';
import { makeAction } from './make-action.ts';

const owner: Session = {
  kind: 'session',
  userId: 'usr_1',
  email: 'ada@example.com',
  name: null,
  organizationId: 'org_1',
  role: 'owner',
};

class Signal extends Error {}

/** An action world that remembers what happened in it. */
function world(session: Session | null = owner) {
  const events: string[] = [];
  const action = makeAction({
    currentSession: () => Promise.resolve(session),
    refresh: () => events.push('refreshed'),
    onFailure: (error) => events.push(`failed: ${error.detail ?? error.message}`),
    rethrowSignals: (error) => {
      if (error instanceof Signal) throw error;
    },
  });
  return { events, action };
}

const schema = z.strictObject({ name: z.string().min(1, 'Enter a name.') });

test('the handler gets parsed input and the session, its value comes back, and the page is made fresh', async () => {
  const { events, action } = world();
  const greet = action(schema, 'keys.manage', async ({ name }, session) => `${name} of ${session.organizationId}`);
  expect(await greet({ name: 'Ada' })).toEqual({ ok: true, value: 'Ada of org_1' });
  expect(events).toEqual(['refreshed']);
});

test('a visitor gets no further than the door: not even the input is looked at', async () => {
  const { events, action } = world(null);
  const greet = action(schema, 'keys.manage', async () => events.push('handled'));
  expect(await greet({ name: '' })).toMatchObject({ ok: false, code: 'unauthenticated' });
  expect(events).toEqual([]);
});

test.each([
  { name: 'Ada', organizationId: 'org_2' },
  { name: 'Ada', userId: 'usr_2' },
  { name: 'Ada', __proto__: { isAdmin: true }, role: 'owner' },
])('a tenant that is posted is refused, not ignored: %j', async (input) => {
  const { events, action } = world();
  const greet = action(schema, 'keys.manage', async () => events.push('handled'));
  expect(await greet(input)).toMatchObject({ ok: false, code: 'invalid_request' });
  expect(events).toEqual([]);
});

test('wrong input names its field', async () => {
  const { action } = world();
  const greet = action(schema, 'keys.manage', async () => 'handled');
  expect(await greet({ name: '' })).toEqual({
    ok: false,
    code: 'invalid_request',
    message: 'Enter a name.',
    field: 'name',
  });
});

test('a role that may not do it is told so, and nothing is done', async () => {
  const { events, action } = world({ ...owner, role: 'member' });
  const buy = action(schema, 'credits.purchase', async () => events.push('handled'));
  expect(await buy({ name: 'Ada' })).toMatchObject({ ok: false, code: 'forbidden' });
  expect(events).toEqual([]);
});

test('a refusal of the domain keeps its sentence; a failure of ours is masked and told to the operator', async () => {
  const { events, action } = world();
  const refuse = action(schema, 'keys.manage', () => Promise.reject(new AppError('conflict', 'There is one already.')));
  expect(await refuse({ name: 'Ada' })).toMatchObject({ code: 'conflict', message: 'There is one already.' });
  expect(events).toEqual([]);
  const fail = action(schema, 'keys.manage', () =>
    Promise.reject(new TypeError('secret: postgres://user:password@db')),
  );
  expect(await fail({ name: 'Ada' })).toMatchObject({ code: 'internal', message: 'Something failed on our side.' });
  expect(events).toEqual(['failed: Something failed on our side.']);
});

test("the framework's own signals pass through", async () => {
  const { action } = world();
  const leave = action(schema, 'keys.manage', () => Promise.reject(new Signal('redirect')));
  await expect(leave({ name: 'Ada' })).rejects.toThrow(Signal);
});
