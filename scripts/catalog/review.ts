import { applyEdits, readEdit } from '@bourse/catalog';
import type { Database } from '@bourse/db';

/** What became of a decision. `not_pending`: it was decided before, or never was. */
export type Decided = 'done' | 'not_pending';

/**
 * Approves a proposal and does what it proposes, once. A proposal is approved before it is done: should the process die in between, the next sync does it
 * without asking again. Throws a sentence for people when the catalog has moved on and the proposal no longer fits; the next sync makes a new one.
 */
export async function approve(
  db: Database,
  { id, actor, note }: { readonly id: number; readonly actor: string; readonly note: string | null },
): Promise<Decided> {
  const proposal = await db.catalogProposals.get(id);
  if (proposal === null) return 'not_pending';
  const edit = readEdit(proposal.change);
  const decided = await db.catalogProposals.decide({ id, status: 'approved', actor, note });
  if (decided === 'not_pending') return 'not_pending';
  await db.catalog.editCatalog((live) => applyEdits(live, [edit]), { origin: 'review', actor });
  return 'done';
}

/** Rejects a proposal: it is not made again as long as the sources say the same. */
export async function reject(
  db: Database,
  { id, actor, note }: { readonly id: number; readonly actor: string; readonly note: string | null },
): Promise<Decided> {
  const decided = await db.catalogProposals.decide({ id, status: 'rejected', actor, note });
  return decided === 'decided' ? 'done' : 'not_pending';
}
