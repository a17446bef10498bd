import { Card, CardContent } from '@bourse/ui';
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import type { SearchParams } from 'nuqs/server';
import { returnPath } from '../../auth/return-path.ts';
import { LogoMark } from '../../components/shell/logo.tsx';
import { currentSession } from '../../data/session.ts';
import { signInChoices } from '../../data/sign-in.ts';
import { env } from '../../env.ts';
import { SignInForm } from './_components/sign-in-form.tsx';
import { SignInProblem } from './_components/sign-in-problem.tsx';
import { loadSignInParams } from './search-params.ts';

export const metadata: Metadata = { title: 'Sign in', robots: { index: false } };

export default async function SignInPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { callbackUrl, error } = await loadSignInParams(searchParams);
  const path = returnPath(callbackUrl, env().BOURSE_DASHBOARD_URL);
  if ((await currentSession()) !== null) redirect(path);
  const { logins, mailboxUrl } = signInChoices();
  return (
    <div className="mx-auto grid w-full max-w-sm gap-5 px-4 py-16 sm:py-24">
      <div className="grid justify-items-center gap-3 text-center">
        <LogoMark className="size-7" />
        <h1 className="font-semibold text-xl tracking-tight">Sign in to Bourse</h1>
      </div>
      {error ? <SignInProblem code={error} /> : null}
      <Card>
        <CardContent className="p-5">
          <SignInForm logins={logins} mailboxUrl={mailboxUrl} returnPath={path} />
        </CardContent>
      </Card>
      <p className="text-pretty text-center text-subtle-foreground text-xs">
        New here? The same link makes your account, with an organization of your own.
      </p>
    </div>
  );
}
