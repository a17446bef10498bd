/**
 * The cookie of a session. Under https it is bound to this very host (`__Host-`), so that no sibling domain can plant one. `Lax`, because
 * a link in a mail must find its reader signed in.
 */
export function sessionCookie(dashboardUrl: string) {
  const isSecure = dashboardUrl.startsWith('https:');
  return {
    name: `${isSecure ? '__Host-' : ''}bourse-session`,
    options: { httpOnly: true, sameSite: 'lax', path: '/', secure: isSecure },
  } as const;
}
