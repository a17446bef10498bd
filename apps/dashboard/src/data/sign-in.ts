import 'server-only';
import { type LoginChoice, loginChoices } from '../auth/login-providers.ts';
import { env } from '../env.ts';

/** The ways to sign in here. `mailboxUrl` is where mail arrives when it is simulated, else null. */
export type SignInChoices = { logins: readonly LoginChoice[]; mailboxUrl: string | null };

/** What the sign-in page offers. */
export function signInChoices(): SignInChoices {
  const settings = env();
  const { isSandboxMarket, BOURSE_SANDBOX_URL } = settings;
  return {
    logins: loginChoices(settings),
    mailboxUrl: isSandboxMarket && BOURSE_SANDBOX_URL ? `${BOURSE_SANDBOX_URL}/mailbox` : null,
  };
}
