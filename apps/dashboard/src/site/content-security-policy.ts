/**
 * The policy of a page. Scripts run only with the nonce or when loaded by one that has it. Styles may be inline: charts and
 * floating menus place themselves by style attributes, which nonces cannot cover. Nothing may be loaded from another host.
 */
export function contentSecurityPolicy(page: { nonce: string; isDevelopment: boolean }): string {
  const scripts = ["'self'", `'nonce-${page.nonce}'`, "'strict-dynamic'"];
  // React rebuilds server stacks with eval in development, and in no other build.
  if (page.isDevelopment) scripts.push("'unsafe-eval'");
  const directives = {
    'default-src': ["'self'"],
    'script-src': scripts,
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:', 'blob:'],
    'font-src': ["'self'"],
    'connect-src': ["'self'"],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  };
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');
}
