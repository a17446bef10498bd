import 'server-only';
import type { Principal } from '@bourse/access';
import { invariant } from '@bourse/errors';
import { cookies } from 'next/headers';
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

/** The session of this request; a visitor is sent to sign in and comes back to `path`, a path of this site with its query. */
export async function requireSession(path: string): Promise<Session> {
  const session = await currentSession();
  if (session === null) redirect(signInHref(path));
  return session;
}
