import { Stat } from '@bourse/ui';
import { Count, Tokens } from '../../../components/format/tokens.tsx';
import type { MarketNumbers } from '../../../data/market.ts';

/** The size of the market, from the catalog and the rankings as they are now. */
export function MarketStrip({ numbers }: { numbers: MarketNumbers }) {
  return (
    <dl className="grid grid-cols-2 gap-x-8 gap-y-5 border-y py-6 sm:grid-cols-4">
      <Stat label="Models" note={modelsNote(numbers)} value={<Count count={numbers.models} />} />
      <Stat label="Providers" value={<Count count={numbers.providers} />} />
      <Stat label="Endpoints with a known price" value={<Count count={numbers.endpoints} />} />
      <Stat label="Tokens, last 7 days" value={<Tokens count={numbers.tokensThisWeek} />} />
    </dl>
  );
}

function modelsNote({ callableModels, simulatedModels }: MarketNumbers): string {
  const simulated = `${simulatedModels} simulated ones`;
  if (callableModels === null) return `and ${simulated}`;
  return callableModels === 0 ? `listed; ${simulated} answer here` : `${callableModels} answer here, and ${simulated}`;
}
