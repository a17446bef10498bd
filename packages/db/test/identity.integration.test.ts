import { createTestDatabase, type TestDatabase } from '@bourse/testing';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlClient } from './tenants.ts';

let database: TestDatabase;
let sql: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = await sqlClient(database.url);
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

const inAnHour = () => new Date(Date.now() + 3_600_000);

test('a new user gets one personal organization with an account for credits, also when two sign-ins race', async () => {
  const users = await Promise.all(
    Array.from({ length: 5 }, () => database.db.identity.createUser({ email: ' Ada@Example.com ' })),
  );
  expect(new Set(users.map(({ id }) => id)).size).toBe(1);
  expect(users[0]).toMatchObject({ email: 'ada@example.com' });
  const userId = users[0]?.id ?? '';
  const organizations = await Promise.all(
    [1, 2, 3].map(() => database.db.organizations.createPersonal({ userId, name: 'again' })),
  );
  expect(new Set(organizations.map(({ id }) => id)).size).toBe(1);
  const mine = await database.db.organizations.forUser(userId);
  expect(mine).toMatchObject([{ isPersonal: true, role: 'owner', name: 'ada' }]);
  expect((await sql.query('SELECT 1 FROM ledger_account WHERE organization_id = $1', [mine[0]?.id])).rowCount).toBe(1);
});

test('an organization answers only to its members', async () => {
  const [owner, stranger] = await Promise.all(
    ['owner@x.y', 'stranger@x.y'].map((email) => database.db.identity.createUser({ email })),
  );
  const [organization] = await database.db.organizations.forUser(owner?.id ?? '');
  const organizationId = organization?.id ?? '';
  expect(await database.db.organizations.membership({ userId: owner?.id ?? '', organizationId })).toMatchObject({
    role: 'owner',
  });
  expect(await database.db.organizations.membership({ userId: stranger?.id ?? '', organizationId })).toBeNull();
  expect((await database.db.organizations.forUser(stranger?.id ?? '')).map(({ id }) => id)).not.toContain(
    organizationId,
  );
});

test('a person signs in by a link: link, user, session, sign-out', async () => {
  const { identity } = database.db;
  await identity.createVerificationToken({ identifier: 'eve@x.y', token: 'link-token', expiresAt: inAnHour() });
  expect(await identity.useVerificationToken({ identifier: 'eve@x.y', token: 'link-token' })).not.toBeNull();
  const user = await identity.createUser({ email: 'eve@x.y', emailVerifiedAt: new Date() });
  await identity.createSession({ token: 'session-token', userId: user.id, expiresAt: inAnHour() });
  const found = await identity.findSession('session-token', new Date());
  expect(found?.user).toMatchObject({ id: user.id, email: 'eve@x.y' });
  const later = new Date(Date.now() + 7_200_000);
  expect(await identity.extendSession('session-token', later)).toMatchObject({ expiresAt: later });
  expect(await identity.updateUser(user.id, { name: 'Eve' })).toMatchObject({ name: 'Eve', email: 'eve@x.y' });
  await identity.deleteSession('session-token');
  expect(await identity.findSession('session-token', new Date())).toBeNull();
  expect(await identity.extendSession('session-token', later)).toBeNull();
});

test('a link works once, for the address that it was sent to, also when it is clicked twice at once', async () => {
  const { identity } = database.db;
  await identity.createVerificationToken({ identifier: 'mail@x.y', token: 'once', expiresAt: inAnHour() });
  expect(await identity.useVerificationToken({ identifier: 'other@x.y', token: 'once' })).toBeNull();
  const clicks = await Promise.all(
    [1, 2, 3].map(() => identity.useVerificationToken({ identifier: 'Mail@x.y', token: 'once' })),
  );
  expect(clicks.filter((click) => click !== null)).toHaveLength(1);
});

test('a session that is over signs nobody in, and is cleared away', async () => {
  const user = await database.db.identity.createUser({ email: 'over@x.y' });
  await database.db.identity.createSession({ token: 'over', userId: user.id, expiresAt: new Date(Date.now() - 1) });
  expect(await database.db.identity.findSession('over', new Date())).toBeNull();
  expect(await database.db.identity.deleteExpired(new Date())).toBe(1);
  expect(await database.db.identity.deleteExpired(new Date())).toBe(0);
});

test('a login at another company leads to its user, however often it is linked', async () => {
  const { identity } = database.db;
  const user = await identity.createUser({ email: 'gh@x.y' });
  const login = { userId: user.id, type: 'oauth', provider: 'github', providerAccountId: '42' };
  await identity.linkLogin(login);
  await identity.linkLogin(login);
  expect(await identity.getUserByLogin({ provider: 'github', providerAccountId: '42' })).toMatchObject({ id: user.id });
  expect(await identity.getUserByLogin({ provider: 'github', providerAccountId: '43' })).toBeNull();
});

test('no token of a session or a link is in the database as it was given out', async () => {
  const user = await database.db.identity.createUser({ email: 'secret@x.y' });
  await database.db.identity.createSession({ token: 'SECRET-SESSION', userId: user.id, expiresAt: inAnHour() });
  await database.db.identity.createVerificationToken({
    identifier: 'secret@x.y',
    token: 'SECRET-LINK',
    expiresAt: inAnHour(),
  });
  const { rows } = await sql.query('SELECT s::text FROM session s UNION ALL SELECT v::text FROM verification_token v');
  expect(JSON.stringify(rows)).not.toContain('SECRET');
});
