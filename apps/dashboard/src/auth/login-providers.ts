import GitHub from 'next-auth/providers/github';
import Google from 'next-auth/providers/google';
import { z } from 'zod';
import type { Env } from '../env.ts';

/** A company through which people may sign in here. */
export interface LoginChoice {
  readonly id: 'github' | 'google';
  readonly name: string;
}

/** Those that are configured. */
export function loginChoices(env: Pick<Env, 'AUTH_GITHUB_ID' | 'AUTH_GOOGLE_ID'>): readonly LoginChoice[] {
  return [
    ...(env.AUTH_GITHUB_ID ? [{ id: 'github', name: 'GitHub' } as const] : []),
    ...(env.AUTH_GOOGLE_ID ? [{ id: 'google', name: 'Google' } as const] : []),
  ];
}

/** The same, as next-auth wants them. */
export function loginProviders(env: Env) {
  return [
    ...(env.AUTH_GITHUB_ID && env.AUTH_GITHUB_SECRET ? [gitHub(env.AUTH_GITHUB_ID, env.AUTH_GITHUB_SECRET)] : []),
    ...(env.AUTH_GOOGLE_ID && env.AUTH_GOOGLE_SECRET
      ? [Google({ clientId: env.AUTH_GOOGLE_ID, clientSecret: env.AUTH_GOOGLE_SECRET })]
      : []),
  ];
}

const gitHubEmails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));

/** The address that GitHub vouches for, from its answer to `GET /user/emails`; null when there is none. */
export function verifiedGitHubEmail(answer: unknown): string | null {
  const parsed = gitHubEmails.safeParse(answer);
  const emails = parsed.success ? parsed.data : [];
  return emails.find(({ primary, verified }) => primary && verified)?.email ?? null;
}

function gitHub(clientId: string, clientSecret: string) {
  return GitHub({
    clientId,
    clientSecret,
    checks: ['pkce', 'state'],
    userinfo: {
      url: 'https://api.github.com/user',
      // next-auth's own takes the first address there is, verified or not; whoever enters yours at GitHub would be you here.
      async request({ client, tokens }) {
        const token = tokens.access_token ?? '';
        const { email: _unverified, ...profile } = await client.userinfo(token);
        const answer = await fetch('https://api.github.com/user/emails', {
          headers: { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json' },
        });
        const email = answer.ok ? verifiedGitHubEmail(await answer.json()) : null;
        return email === null ? { ...profile, email_verified: false } : { ...profile, email, email_verified: true };
      },
    },
  });
}
