import type { PriceLine } from '@bourse/catalog';
import { PricePerMillion, PricePerUnit } from '../../../../../components/format/price-per-million.tsx';
import { ContextTokens } from '../../../../../components/format/tokens.tsx';

const meterNames: Record<PriceLine['meter'], string> = {
  input: 'Input',
  input_cache_read: 'Cache read',
  input_cache_write: 'Cache write',
  input_cache_write_1h: 'Cache write, 1 hour',
  input_audio: 'Audio input',
  input_image: 'Image input',
  output: 'Output',
  output_reasoning: 'Reasoning',
  output_audio: 'Audio output',
  output_image: 'Image output',
  request: 'Per request',
  web_search: 'Per web search',
};

const countedOneByOne: ReadonlySet<PriceLine['meter']> = new Set(['request', 'web_search']);

const inTheTable: ReadonlySet<PriceLine['meter']> = new Set(['input', 'output', 'input_cache_read']);

/** Every price of an endpoint, behind a disclosure. Nothing when the table shows them all already. */
export function PriceDetails({ prices }: { prices: readonly PriceLine[] }) {
  if (prices.every((line) => inTheTable.has(line.meter) && line.aboveInputTokens === 0)) return null;
  return (
    <details className="text-xs">
      <summary className="w-fit cursor-pointer rounded-sm text-subtle-foreground hover:text-foreground">
        All prices
      </summary>
      <dl className="mt-1 grid w-fit grid-cols-[auto_auto] gap-x-6 gap-y-0.5">
        {prices.map((line) => (
          <div className="contents" key={`${line.meter}-${line.aboveInputTokens}`}>
            <dt className="text-muted-foreground">
              {meterNames[line.meter]}
              {line.aboveInputTokens > 0 ? (
                <>
                  {' '}
                  above <ContextTokens count={line.aboveInputTokens} />
                </>
              ) : null}
            </dt>
            <dd className="text-right">
              {countedOneByOne.has(line.meter) ? (
                <PricePerUnit price={line.price} />
              ) : (
                <PricePerMillion price={line.price} unit />
              )}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
