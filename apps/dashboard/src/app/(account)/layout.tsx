import type { ReactNode } from 'react';
import { requireSession } from '../../data/session.ts';

/** The part of the site that belongs to somebody: visitors sign in before anything of it is sent. */
export default async function AccountLayout({ children }: { children: ReactNode }) {
  await requireSession();
  return children;
}
