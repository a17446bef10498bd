import { randomBase62 } from '@bourse/ids';
import { type NextRequest, NextResponse } from 'next/server';
import { isDevelopment } from './env.ts';
import { contentSecurityPolicy } from './site/content-security-policy.ts';

/**
 * Gives every page a Content-Security-Policy with a nonce of its own. Next reads the nonce from the request's header and puts it
 * on its scripts; the root layout reads `x-nonce` for the theme's. All pages show live data and render per request anyway, so
 * the nonce makes nothing dynamic that was not.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = randomBase62(24);
  const policy = contentSecurityPolicy({ nonce, isDevelopment });
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  headers.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  return response;
}

/** Pages only: API answers are not documents, and files under `_next` never change. */
export const config = { matcher: ['/((?!api/|_next/|.*\\.(?:svg|png|ico|txt|xml|webmanifest)$).*)'] };
