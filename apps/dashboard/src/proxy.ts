import { randomBase62 } from '@bourse/ids';
import { type NextRequest, NextResponse } from 'next/server';
import { env, isDevelopment } from './env.ts';
import { contentSecurityPolicy } from './site/content-security-policy.ts';

const YEAR_SECONDS = 31_536_000;

/**
 * Gives every page a Content-Security-Policy with a nonce of its own. Next reads the nonce from the request's header and puts it
 * on its scripts; the root layout reads `x-nonce` for the theme's. `x-path` is where a visitor comes back to after signing in. All pages show live data and render per request anyway, so
 * the nonce makes nothing dynamic that was not. A site that stands under https asks browsers to come back by https only.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = randomBase62(24);
  const policy = contentSecurityPolicy({ nonce, isDevelopment });
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  headers.set('x-path', request.nextUrl.pathname + request.nextUrl.search);
  headers.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  if (env().BOURSE_DASHBOARD_URL.startsWith('https:')) {
    response.headers.set('strict-transport-security', `max-age=${YEAR_SECONDS}`);
  }
  return response;
}

/** Pages only: API answers are not documents, and files under `_next` never change. */
export const config = { matcher: ['/((?!api/|_next/|.*\\.(?:svg|png|ico|txt|xml|webmanifest)$).*)'] };
