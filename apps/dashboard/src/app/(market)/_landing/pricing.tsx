import type { ModelDetails } from '../../../data/catalog.ts';
import { WorkedReceipt } from './worked-receipt.tsx';

const steps = [
  [
    'Credits come first.',
    'You buy credits with a card and spend them request by request. A balance never goes below zero.',
  ],
  [
    'The provider’s price is the price.',
    'Every price in the catalog names its source and the day it was read. A model without a known price is not sold.',
  ],
  [
    'One markup, one rounding.',
    'The markup of the market is added to the sum, which is rounded up once, to a billionth of a dollar.',
  ],
  [
    'No answer, no charge.',
    'A request that fails before its first token costs nothing, whatever was tried in between.',
  ],
] as const;

/** How a charge is made, with one worked out from a price in the catalog. */
export function Pricing({ model }: { model: ModelDetails | null }) {
  return (
    <section className="grid grid-cols-1 items-start gap-x-14 gap-y-8 border-t py-16 lg:grid-cols-[5fr_6fr]">
      <div>
        <h2 className="font-semibold text-2xl">How pricing works</h2>
        <dl className="mt-6 grid gap-5">
          {steps.map(([title, text]) => (
            <div key={title}>
              <dt className="font-medium">{title}</dt>
              <dd className="max-w-md text-pretty text-muted-foreground">{text}</dd>
            </div>
          ))}
        </dl>
      </div>
      {model === null ? null : <WorkedReceipt model={model} />}
    </section>
  );
}
