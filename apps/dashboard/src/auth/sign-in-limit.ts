import 'server-only';
import { createHash } from 'node:crypto';
import { isAppError } from '@bourse/errors';
import { countDeed } from '../data/action-limits.ts';
import { env } from '../env.ts';

/** An address is nobody's business in a table of limits; the same one has the same name. */
function named(text: string): string {
  return createHash('sha256').update(text.toLowerCase()).digest('hex').slice(0, 32);
}

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/;

/** The visitor's address as the nearest proxy tells it; null on this machine. A visitor without a proxy before us can make it up. */
export function visitorAddress(forwardedFor: string | null): string | null {
  const nearest = forwardedFor?.split(',').at(-1)?.trim() ?? '';
  return nearest === '' || LOOPBACK.test(nearest) ? null : nearest;
}

/** Whether a sign-in link may be mailed: so many an hour to one mailbox, and for one visitor's address. Says the same for every mailbox. */
export async function mayBeMailed(email: string, visitor: string | null): Promise<boolean> {
  const { BOURSE_SIGN_IN_MAILS_PER_HOUR: toMailbox, BOURSE_SIGN_IN_MAILS_PER_VISITOR: fromVisitor } = env();
  try {
    if (visitor !== null) await countDeed({ source: 'sign_in', whose: `from:${named(visitor)}`, perHour: fromVisitor });
    await countDeed({ source: 'sign_in', whose: `to:${named(email)}`, perHour: toMailbox });
    return true;
  } catch (error) {
    if (isAppError(error) && error.code === 'rate_limited') return false;
    throw error;
  }
}
