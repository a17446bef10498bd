import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { STYLE } from './style.ts';

/** A piece of HTML whose dynamic parts are already escaped, as Hono's `html` tag makes it. */
export type Markup = ReturnType<typeof html>;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

const OWN_CONTENT = `style-src 'sha256-${STYLE_HASH}'; img-src data:`;

/** What a page may do besides showing itself: nothing, unless named here. Each is a CSP directive. */
export type Permissions = { readonly formActions?: readonly string[]; readonly content?: string };

/** The Content-Security-Policy of a page without scripts. `formActions` are origins that its forms may lead to. */
export function policyOf({ formActions = [], content = OWN_CONTENT }: Permissions = {}): string {
  const forms = ["'self'", ...formActions].join(' ');
  return `default-src 'none'; form-action ${forms}; base-uri 'none'; frame-ancestors 'none'; ${content}`;
}

/** Headers of every page: HTML, not cached, with its policy. */
export function pageHeaders(permissions: Permissions = {}): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': policyOf(permissions),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}

// A stack of coins, drawn here so that no page asks for a file.
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%230f766e'/%3E%3Cpath d='M8 21h16M8 16h16M8 11h16' stroke='white' stroke-width='3' stroke-linecap='round'/%3E%3C/svg%3E";

/** A whole page around its main part. `width` is the column: narrow for reading, wide for two columns. */
export function page(title: string, width: 'narrow' | 'wide', main: Markup): Markup {
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="${raw(ICON)}">
<style>${raw(STYLE)}</style>
</head>
<body>
<main class="${width}">
${main}
</main>
</body>
</html>
`;
}
