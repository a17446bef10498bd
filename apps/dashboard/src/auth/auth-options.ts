import 'server-only';
import type { NextAuthOptions } from 'next-auth';
import Email from 'next-auth/providers/email';
import { createTransport } from 'nodemailer';
import { currentTime } from '../clock.ts';
import { database } from '../data/database.ts';
import { type Env, env } from '../env.ts';
import { log } from '../log.ts';
import { createAuthAdapter } from './adapter.ts';
import { parseEmailAddress } from './email-address.ts';
import { loginProviders } from './login-providers.ts';
import { sessionCookie } from './session-cookie.ts';
import { newSessionToken, SESSION_ABSOLUTE_MS } from './session-lifetime.ts';
import { mayBeMailed } from './sign-in-limit.ts';
import { SIGN_IN_LINK_SECONDS, signInMail } from './sign-in-mail.ts';

const nowMs = () => currentTime().getTime();

/** How people sign in; `visitor` is the address that asks, null where it is not known. A function, because the environment is known only when the server runs. */
export function authOptions(visitor: string | null = null): NextAuthOptions {
  const settings = env();
  const isSecure = settings.BOURSE_DASHBOARD_URL.startsWith('https:');
  return {
    adapter: createAuthAdapter({ identity: database().identity, now: nowMs }),
    secret: settings.NEXTAUTH_SECRET,
    useSecureCookies: isSecure,
    cookies: { sessionToken: sessionCookie(settings.BOURSE_DASHBOARD_URL) },
    // The cookie may live as long as any session can; when a session ends is decided in the books (session-lifetime.ts).
    session: {
      strategy: 'database',
      maxAge: SESSION_ABSOLUTE_MS / 1000,
      generateSessionToken: () => newSessionToken(nowMs()),
    },
    pages: { signIn: '/sign-in', verifyRequest: '/sign-in?sent=1', error: '/sign-in' },
    providers: [emailLink(settings), ...loginProviders(settings)],
    callbacks: {
      signIn: async ({ user, account, profile, email }) => {
        if (account?.type !== 'email') return isVouchedFor(user, profile);
        if (email?.verificationRequest !== true) return true;
        // A whole URL: the form reads the error off it.
        return (
          (await mayBeMailed(user.email ?? '', visitor)) ||
          `${settings.BOURSE_DASHBOARD_URL}/sign-in?error=TooManyMails`
        );
      },
    },
    logger: {
      error: (code, metadata) => log().error('auth_failed', errorIn(metadata), { code }),
      warn: (code) => log().warn('auth_warning', { code }),
      debug: () => undefined,
    },
  };
}

function emailLink(settings: Env) {
  const transport = createTransport(settings.SMTP_URL);
  return Email({
    from: settings.MAIL_FROM,
    maxAge: SIGN_IN_LINK_SECONDS,
    normalizeIdentifier: (text) => {
      const address = parseEmailAddress(text);
      if (address === null) throw new Error('not one plain e-mail address');
      return address;
    },
    sendVerificationRequest: async ({ identifier, url }) => {
      // As an object the address cannot be read as a list, whatever is in it.
      await transport.sendMail({ from: settings.MAIL_FROM, to: { name: '', address: identifier }, ...signInMail(url) });
    },
  });
}

/** Whether the other company says that the e-mail address is the person's. */
function isVouchedFor(user: { readonly email?: string | null }, profile: object | undefined): boolean {
  const isVerified = profile !== undefined && 'email_verified' in profile && profile.email_verified === true;
  return isVerified && parseEmailAddress(user.email) !== null;
}

function errorIn(metadata: Error | { readonly error?: unknown }): unknown {
  return metadata instanceof Error ? metadata : metadata.error;
}
