import 'server-only';
import type { Nanodollars } from '@bourse/money';

/** Who looks at the page, as the shell needs it. `available` is what the organization can still spend. */
export type Viewer = { name: string; email: string; organizationName: string; available: Nanodollars };

/** The signed-in person, or null. Sign-in is not built yet, so everybody is a visitor. */
export async function currentViewer(): Promise<Viewer | null> {
  return null;
}
