import type { PublicDataPolicy } from '@bourse/catalog';
import { Badge } from '@bourse/ui';
import { Unknown } from '../format/price-per-million.tsx';

/** How long prompts are kept, in words. */
function retention(days: number | null): string {
  if (days === null) return 'storage unknown';
  if (days === 0) return 'stores nothing';
  return days === 1 ? 'stores for 1 day' : `stores for ${days} days`;
}

const training = new Map([
  [true, 'trains on prompts'],
  [false, 'does not train'],
]);

/** What a provider does with prompts and answers. Unknown is said, because it counts as "keeps and trains". */
export function DataPolicy({ policy }: { policy: PublicDataPolicy | 'varies' | null }) {
  if (policy === null) return <Unknown />;
  if (policy === 'varies') return <span className="text-muted-foreground">differs by endpoint</span>;
  const trains = policy.training === null ? undefined : training.get(policy.training);
  if (trains === undefined && policy.retention_days === null) return <Unknown />;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-0.5 text-muted-foreground">
      {policy.zdr ? <Badge tone="accent">ZDR</Badge> : null}
      <span className="whitespace-nowrap">{trains ?? 'training unknown'},</span>
      <span className="whitespace-nowrap">{retention(policy.retention_days)}</span>
    </span>
  );
}
