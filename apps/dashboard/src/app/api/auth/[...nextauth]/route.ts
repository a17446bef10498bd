import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { authOptions } from '../../../../auth/auth-options.ts';
import { visitorAddress } from '../../../../auth/sign-in-limit.ts';

export const dynamic = 'force-dynamic';

/** Everything under /api/auth: sending links, following them, signing out. */
function handle(request: NextRequest, context: { params: Promise<{ nextauth: string[] }> }): Promise<Response> {
  return NextAuth(request, context, authOptions(visitorAddress(request.headers.get('x-forwarded-for'))));
}

export { handle as GET, handle as POST };
