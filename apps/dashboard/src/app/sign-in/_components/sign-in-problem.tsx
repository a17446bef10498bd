/** next-auth's codes, in words. What is not listed is a failure of ours. */
const sentences: Readonly<Record<string, string>> = {
  Verification: 'This link has been used, or is older than ten minutes. Ask for a new one.',
  EmailSignin: 'The mail could not be sent. Check the address, and try again in a moment.',
  TooManyMails: 'Too many links were asked for. Look for one in your mailbox, or try again in a quarter of an hour.',
  AccessDenied: 'The other company does not vouch for your e-mail address. Verify it there, or use a link by mail.',
  OAuthAccountNotLinked: 'There is a Bourse account with this e-mail address already. Sign in with a link by mail.',
  OAuthCallback: 'The sign-in was not completed. Try again.',
};

/** Why somebody is back at this page. The code comes from the URL, so only words of our own are shown. */
export function SignInProblem({ code }: { code: string }) {
  const sentence = Object.hasOwn(sentences, code) ? sentences[code] : undefined;
  return (
    <p
      className="rounded-lg border border-danger-line bg-danger-soft px-4 py-3 text-pretty text-danger-text text-sm"
      role="alert"
    >
      {sentence ?? 'Signing in failed on our side. Try again in a moment.'}
    </p>
  );
}
