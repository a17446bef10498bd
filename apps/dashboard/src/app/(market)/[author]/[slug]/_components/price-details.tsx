import { metersPricedEach, type PriceLine } from '@bourse/catalog';
import { BasisPoints } from '../../../../../components/format/percent.tsx';
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
  plugin_web: 'Per web search of the plugin',
  spoken_character: 'Spoken characters',
  audio_second: 'Per second of audio',
  search_unit: 'Per search unit',
  image_made: 'Per image',
};

type PriceDetailsProps = {
  /** What the customer pays, line by line as in `listPrices`. */
  prices: readonly PriceLine[];
  listPrices: readonly PriceLine[];
  /** Basis points. */
  markupBps: number;
};

/** Every price of an endpoint behind a disclosure: what the provider asks, and what it comes to with the markup. */
export function PriceDetails({ prices, listPrices, markupBps }: PriceDetailsProps) {
  return (
    <details className="text-xs">
      <summary className="w-fit cursor-pointer rounded-sm text-subtle-foreground hover:text-foreground">
        All prices
      </summary>
      <table className="mt-1 [&_td]:pr-5 [&_td]:text-right [&_th]:pr-5 [&_th]:text-left [&_th]:font-normal">
        <thead className="text-subtle-foreground">
          <tr>
            <th scope="col">
              <span className="sr-only">Counted</span>
            </th>
            <th scope="col">List price</th>
            <th scope="col">
              You pay, with <BasisPoints bps={markupBps} />
            </th>
          </tr>
        </thead>
        <tbody>
          {listPrices.map((line, index) => (
            <tr key={`${line.meter}-${line.aboveInputTokens}`}>
              <th className="text-muted-foreground" scope="row">
                {meterNames[line.meter]}
                <Tier line={line} />
              </th>
              <td>
                <LinePrice line={line} />
              </td>
              <td>
                <LinePrice line={prices[index] ?? line} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Tier({ line }: { line: PriceLine }) {
  if (line.aboveInputTokens === 0) return null;
  return (
    <>
      {' '}
      above <ContextTokens count={line.aboveInputTokens} />
    </>
  );
}

function LinePrice({ line }: { line: PriceLine }) {
  return metersPricedEach.has(line.meter) ? (
    <PricePerUnit price={line.price} />
  ) : (
    <PricePerMillion price={line.price} unit />
  );
}
