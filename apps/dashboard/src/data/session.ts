import 'server-only';
import type { Principal } from '@bourse/access';
import { invariant } from '@bourse/errors';
import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { openSession } from '../auth/open-session.ts';
import { sessionCookie } from '../auth/session-cookie.ts';
import { currentTime } from '../clock.ts';
import { env } from '../env.ts';
import { signInHref } from '../site/navigation.ts';
import { database } from './database.ts';

/** A person who is signed in, acting for one organization. What pages and actions hand to the data layer as the tenant. */
export type Session = Extract<Principal, { kind: 'session' }> & {
  readonly email: string;
  readonly name: string | null;
};

/** The session of this request, looked up at most once; null for visitors. */
export const currentSession: () => Promise<Session | null> = cache(async () => {
  const token = (await cookies()).get(sessionCookie(env().BOURSE_DASHBOARD_URL).name)?.value;
  if (token === undefined) return null;
  const { identity, organizations } = database();
  const user = await openSession(token, { identity, now: () => currentTime().getTime() });
  if (user === null) return null;
  const [organization] = await organizations.forUser(user.id);
  invariant(organization, `user ${user.id} belongs to no organization`);
  return {
    kind: 'session',
    userId: user.id,
    email: user.email,
    name: user.name,
    organizationId: organization.id,
    role: organization.role,
  };
});

/**
 * The session of this request; a visitor is sent to sign in and comes back to the page that was asked for. The layout of the account calls
 * it for a clean redirect before anything is sent, and each page again: layouts are kept while people move between pages.
 */
export async function requireSession(): Promise<Session> {
  const session = await currentSession();
  // The proxy names the page; layouts and pages are not told.
  if (session === null) redirect(signInHref((await headers()).get('x-path') ?? '/'));
  return session;
}
