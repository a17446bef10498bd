/** A place of the site, as menus, footer and palette name it. `keywords` are what people type who do not know our word for it. */
export type Place = { href: string; label: string; keywords?: string };

/** The top bar. */
export const mainPlaces: readonly Place[] = [
  { href: '/models', label: 'Models', keywords: 'catalog prices list' },
  { href: '/rankings', label: 'Rankings', keywords: 'leaderboard tokens usage market share apps' },
  { href: '/providers', label: 'Providers', keywords: 'companies endpoints' },
  { href: '/chat', label: 'Chat', keywords: 'playground try' },
  { href: '/docs', label: 'Docs', keywords: 'documentation quickstart api errors streaming' },
];

/** What changed in the catalog: in the footer and the palette, not in the top bar. */
export const newsPlace: Place = {
  href: '/whats-new',
  label: 'What’s new',
  keywords: 'changes prices releases feed rss news',
};

/** Balance, purchases and the ledger. */
export const creditsPlace: Place = {
  href: '/settings/credits',
  label: 'Credits',
  keywords: 'balance buy top up billing ledger',
};

/** Keys: made, limited, revoked. */
export const keysPlace: Place = { href: '/settings/keys', label: 'API keys', keywords: 'secret create revoke' };

/** Every generation with what it cost. */
export const activityPlace: Place = {
  href: '/activity',
  label: 'Activity',
  keywords: 'generations cost usage logs',
};

/** What a signed-in person reaches from the account menu. */
export const accountPlaces: readonly Place[] = [keysPlace, activityPlace, creditsPlace];

/** Where people sign in. */
export const signInPlace: Place = { href: '/sign-in', label: 'Sign in', keywords: 'login register account' };

/** Where a visitor signs in and comes back from to `path`, a path of this site with its query. */
export function signInHref(path: string): string {
  return `${signInPlace.href}?${new URLSearchParams({ callbackUrl: path })}`;
}
