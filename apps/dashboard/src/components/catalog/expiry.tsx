import { Badge } from '@bourse/ui';
import { Day } from '../format/ago.tsx';

/** Says that a model leaves the market; nothing for one that stays. */
export function ExpiryBadge({ expiresOn }: { expiresOn: string | null }) {
  if (expiresOn === null) return null;
  return (
    <Badge tone="warning">
      leaves on <Day date={expiresOn} />
    </Badge>
  );
}
