/** A mail, ready to be sent. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** How long a sign-in link works, in seconds. Said in the mail, so both come from here. */
export const SIGN_IN_LINK_SECONDS = 600;

const minutes = SIGN_IN_LINK_SECONDS / 60;

/**
 * The mail with a sign-in link. Nothing that a visitor typed is in it but inside the link, where it is percent-encoded: a name or an
 * address in the text would let anybody send their words under our name (CVE-2022-31127).
 */
export function signInMail(url: string): Mail {
  return {
    subject: 'Sign in to Bourse',
    text: [
      'Sign in to Bourse',
      '',
      'Open this link to sign in:',
      url,
      '',
      `It works once, within ${minutes} minutes. If you did not ask for it, ignore this mail: nothing happens.`,
      '',
    ].join('\n'),
    html: html(escapeAttribute(url)),
  };
}

/** `URL` writes quotes and angle brackets percent-encoded; ampersands are all that is left to escape, and the rest is belt and braces. */
function escapeAttribute(url: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '"': '&quot;',
    "'": '&#39;',
    '<': '&lt;',
    '>': '&gt;',
  };
  return new URL(url).href.replace(/[&"'<>]/g, (character) => entities[character] ?? '');
}

// Mail programs know inline styles, tables and little else; the two media rules are dropped by those that do not know them.
const html = (url: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Sign in to Bourse</title>
<style>
@media (prefers-color-scheme: dark) {
  .page { background: #0f0e0d !important; }
  .card { background: #171615 !important; border-color: #2a2826 !important; }
  .ink { color: #efedea !important; }
  .soft { color: #a8a49e !important; }
  .button { background: #efedea !important; color: #171615 !important; }
}
</style>
</head>
<body class="page" style="margin:0;padding:32px 16px;background:#fbfaf8">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table class="card" role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:440px;background:#ffffff;border:1px solid #e6e3df;border-radius:10px"><tr><td style="padding:32px;font-family:-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;font-size:15px;line-height:22px">
<p class="ink" style="margin:0 0 24px;color:#1f1d1b;font-size:15px;font-weight:600">Bourse</p>
<h1 class="ink" style="margin:0 0 8px;color:#1f1d1b;font-size:20px;line-height:28px;font-weight:600">Sign in</h1>
<p class="soft" style="margin:0 0 24px;color:#5f5b56">This link signs you in. It works once, within ${minutes} minutes.</p>
<p style="margin:0 0 24px"><a class="button" href="${url}" style="display:inline-block;padding:10px 20px;background:#1f1d1b;border-radius:6px;color:#fbfaf8;font-weight:500;text-decoration:none">Sign in to Bourse</a></p>
<p class="soft" style="margin:0;color:#5f5b56;font-size:13px;line-height:20px">If you did not ask for it, ignore this mail: nothing happens.</p>
</td></tr></table>
</td></tr></table>
</body>
</html>
`;
