import 'server-only';
import type { Nanodollars } from '@bourse/money';
import { unstable_rethrow } from 'next/navigation';
import { log } from '../log.ts';
import { database } from './database.ts';
import { currentSession } from './session.ts';

/** Who looks at the page, as the shell needs it. `available` is what the organization can still spend. */
export type Viewer = { name: string; email: string; available: Nanodollars };

/**
 * The signed-in person, or null. Null also when the database does not answer: the shell still stands, and a page that needs the
 * person fails by itself.
 */
export async function currentViewer(): Promise<Viewer | null> {
  try {
    const session = await currentSession();
    if (session === null) return null;
    const { available } = await database().ledger.balance(session.organizationId);
    return { name: session.name ?? session.email, email: session.email, available };
  } catch (error) {
    unstable_rethrow(error); // Next's own signals are no failures.
    log().error('viewer_unknown', error);
    return null;
  }
}
