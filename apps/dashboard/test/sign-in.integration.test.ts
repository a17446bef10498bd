import { createTestDatabase, type TestDatabase } from '@bourse/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { openSession } from '../src/auth/open-session.ts';
import { type AuthAnswer, type AuthRequest, askAuth, type Cookies } from './auth-browser.ts';
import { type SandboxProcess, startSandbox } from './sandbox-process.ts';

const SITE = 'http://localhost:3000';
const DAY_MS = 86_400_000;

let database: TestDatabase;
let sandbox: SandboxProcess;
let authOptions: typeof import('../src/auth/auth-options.ts').authOptions;
let open: typeof openSession;

beforeAll(async () => {
  [database, sandbox] = await Promise.all([createTestDatabase(), startSandbox()]);
  vi.stubEnv('DATABASE_URL', database.url);
  vi.stubEnv('SMTP_URL', sandbox.smtpUrl);
  vi.stubEnv('BOURSE_DASHBOARD_URL', SITE);
  vi.stubEnv('LOG_LEVEL', 'silent');
  // Imported when the environment stands, which these modules read.
  ({ authOptions } = await import('../src/auth/auth-options.ts'));
  ({ openSession: open } = await import('../src/auth/open-session.ts'));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  const { database: dashboardDatabase } = await import('../src/data/database.ts');
  await dashboardDatabase().close();
  await sandbox.stop();
  await database.drop();
});

const ask = (request: AuthRequest, cookies: Cookies) => askAuth(authOptions(), request, cookies);

async function csrfToken(cookies: Cookies): Promise<unknown> {
  const { body } = await ask({ method: 'GET', action: 'csrf' }, cookies);
  return Object(body).csrfToken;
}

async function requestLink(email: string, cookies: Cookies = {}): Promise<AuthAnswer> {
  const body = { email, csrfToken: await csrfToken(cookies), callbackUrl: '/chat' };
  return ask({ method: 'POST', action: 'signin', body }, cookies);
}

async function mailsTo(email: string): Promise<readonly { text: string; to: readonly string[] }[]> {
  const answer = await fetch(`${sandbox.url}/mailbox.json?to=${encodeURIComponent(email)}`);
  const { mails }: { mails: readonly { text: string; to: readonly string[] }[] } = await answer.json();
  return mails;
}

async function linkTo(email: string): Promise<Record<string, string>> {
  const [mail] = await mailsTo(email);
  const [link = ''] = /http\S+/.exec(mail?.text ?? '') ?? [];
  return Object.fromEntries(new URL(link).searchParams);
}

const follow = (query: object, cookies: Cookies = {}) => ask({ method: 'GET', action: 'callback', query }, cookies);

async function signIn(email: string): Promise<Cookies> {
  const cookies: Cookies = {};
  await requestLink(email, cookies);
  await follow(await linkTo(email), cookies);
  return cookies;
}

const tokenOf = (cookies: Cookies) => cookies['bourse-session'] ?? '';
const userOf = (cookies: Cookies, nowMs = Date.now()) =>
  open(tokenOf(cookies), { identity: database.db.identity, now: () => nowMs });

test('a mailbox gets five links an hour, and so many are mailed for one visitor; other mailboxes and visitors get theirs', async () => {
  const statuses: string[] = [];
  for (let count = 0; count < 6; count += 1) statuses.push((await requestLink('busy@example.com')).location);
  expect(statuses.slice(0, 5).every((location) => location.includes('/verify-request'))).toBe(true);
  expect(statuses[5]).toBe(`${SITE}/sign-in?error=TooManyMails`);
  expect(await mailsTo('busy@example.com')).toHaveLength(5);
  expect((await requestLink('calm@example.com')).location).toContain('/verify-request');

  const { mayBeMailed } = await import('../src/auth/sign-in-limit.ts');
  const asked = [];
  for (let count = 0; count < 21; count += 1) asked.push(await mayBeMailed(`user${count}@example.com`, '203.0.113.7'));
  expect(asked).toEqual([...Array(20).fill(true), false]);
  expect(await mayBeMailed('user20@example.com', '203.0.113.8')).toBe(true);
});

test('a stranger who follows the link is a user with an organization of their own, and signed in', async () => {
  const cookies: Cookies = {};
  expect((await requestLink('Ada@Example.com', cookies)).location).toContain('/verify-request');
  const answer = await follow(await linkTo('ada@example.com'), cookies);
  expect(answer.location).toBe(`${SITE}/chat`);
  const user = await userOf(cookies);
  expect(user).toMatchObject({ email: 'ada@example.com', emailVerifiedAt: expect.any(Date) });
  const organizations = await database.db.organizations.forUser(user?.id ?? '');
  expect(organizations).toMatchObject([{ isPersonal: true, role: 'owner' }]);
});

test('somebody we know and somebody we do not get the same answer', async () => {
  await signIn('known@example.com');
  const [known, unknown] = [await requestLink('known@example.com'), await requestLink('unknown@example.com')];
  expect([known.location, known.status]).toEqual([unknown.location, unknown.status]);
});

test('coming back is the same user, not a second one', async () => {
  const [first, second] = [await signIn('twice@example.com'), await signIn('twice@example.com')];
  expect((await userOf(first))?.id).toBe((await userOf(second))?.id);
  expect(tokenOf(first)).not.toBe(tokenOf(second));
});

test('a link works once', async () => {
  await requestLink('once@example.com');
  const link = await linkTo('once@example.com');
  await follow(link);
  const cookies: Cookies = {};
  expect((await follow(link, cookies)).location).toContain('error=Verification');
  expect(tokenOf(cookies)).toBe('');
});

test('two that follow the same link at once are one that is in', async () => {
  await requestLink('race@example.com');
  const link = await linkTo('race@example.com');
  const answers = await Promise.all(Array.from({ length: 8 }, () => follow(link)));
  expect(answers.filter(({ location }) => location === `${SITE}/chat`)).toHaveLength(1);
});

test('a link is over after ten minutes', async () => {
  await requestLink('late@example.com');
  const link = await linkTo('late@example.com');
  vi.setSystemTime(Date.now() + 601_000);
  expect((await follow(link)).location).toContain('error=Verification');
  vi.useRealTimers();
});

test('a link of one address does not sign in another', async () => {
  await Promise.all([requestLink('mallory@example.com'), requestLink('victim@example.com')]);
  const link = await linkTo('mallory@example.com');
  expect((await follow({ ...link, email: 'victim@example.com' })).location).toContain('error=Verification');
});

test.each([
  'mallory@example.com,victim2@example.com',
  'victim2@example.com\nBcc: mallory@example.com',
  'not-an-address',
])('no mail is sent for %j', async (email) => {
  expect((await requestLink(email)).location).toContain('error=EmailSignin');
  expect(await mailsTo('victim2@example.com')).toEqual([]);
});

test('a sign-in without the form’s token sends nothing', async () => {
  const body = { email: 'forged@example.com', csrfToken: 'x' };
  const { location } = await ask({ method: 'POST', action: 'signin', body }, {});
  expect(location).not.toContain('verify-request');
  expect(await mailsTo('forged@example.com')).toEqual([]);
});

test('a link leads to this site only, whatever it is told', async () => {
  await requestLink('lost@example.com');
  const link = await linkTo('lost@example.com');
  expect((await follow({ ...link, callbackUrl: 'https://evil.example/' })).location).toBe(SITE);
});

test('a session lives a week from its last use, and thirty days at most', async () => {
  const cookies = await signIn('daily@example.com');
  const startedAt = Date.now();
  const isAliveOn = async (day: number) => (await userOf(cookies, startedAt + day * DAY_MS)) !== null;
  for (const day of [5, 10, 16, 22, 28]) expect(await isAliveOn(day)).toBe(true);
  expect(await isAliveOn(31)).toBe(false);
  const idle = await signIn('idle@example.com');
  expect(await userOf(idle, Date.now() + 7.1 * DAY_MS)).toBeNull();
});

test('signing out ends the session in the books', async () => {
  const cookies = await signIn('leaving@example.com');
  const token = tokenOf(cookies);
  const body = { csrfToken: await csrfToken(cookies) };
  await ask({ method: 'POST', action: 'signout', body }, cookies);
  expect(await userOf({ 'bourse-session': token })).toBeNull();
});
