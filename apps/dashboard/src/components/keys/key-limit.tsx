import { Meter } from '@bourse/ui';
import type { KeyRow } from '../../data/keys.ts';
import { Day } from '../format/ago.tsx';
import { Money } from '../format/money.tsx';
import { resetWords } from './key-words.ts';

/** What a key may spend, and how much of it is left in the current window. */
export function KeyLimit({ row }: { row: KeyRow }) {
  const { limit, limitRemaining, limitReset, limitResetsAt } = row;
  if (row.kind === 'management') return <span className="text-subtle-foreground">Cannot spend</span>;
  if (limit === null || limitRemaining === null) {
    return (
      <span className="grid text-subtle-foreground">
        No limit
        <OwnRate row={row} />
      </span>
    );
  }
  return (
    <div className="grid min-w-28 gap-1">
      <span className="whitespace-nowrap">
        <Money amount={limit} /> {limitReset === null ? 'in all' : resetWords[limitReset]}
      </span>
      <Meter share={spentShare(limit, limitRemaining)} />
      <span className="text-subtle-foreground text-xs">
        <span className="whitespace-nowrap">
          <Money amount={limitRemaining} /> left
        </span>
        {limitResetsAt ? (
          <span className="block whitespace-nowrap">
            anew <Day date={limitResetsAt} />
          </span>
        ) : null}
        <OwnRate row={row} />
      </span>
    </div>
  );
}

/** How often the key may be used, where that is not as often as every other. */
function OwnRate({ row: { requestsPerMinute } }: { row: KeyRow }) {
  if (requestsPerMinute === null) return null;
  return (
    <span className="block whitespace-nowrap text-xs">
      {requestsPerMinute === 0 ? 'any number of requests' : `${requestsPerMinute} requests a minute`}
    </span>
  );
}

/** 0 to 1, to the per mille: for a bar, so floating point does no harm. */
function spentShare(limit: bigint, remaining: bigint): number {
  return limit === 0n ? 1 : Number(((limit - remaining) * 1000n) / limit) / 1000;
}
