/**
 * Where somebody goes on after signing in: the path and query of `wanted` when it is a place of this site, else the landing page. Takes
 * whatever stands in a URL, so `//elsewhere`, `https:elsewhere`, backslashes and other schemes lead nowhere but home.
 */
export function returnPath(wanted: string | null, siteUrl: string): string {
  if (wanted === null) return '/';
  const site = new URL(siteUrl);
  if (!URL.canParse(wanted, site)) return '/';
  const url = new URL(wanted, site);
  const isHere = url.origin === site.origin && url.username === '' && !url.pathname.startsWith('//');
  return isHere ? url.pathname + url.search : '/';
}
