import { chargeTotal, costTotal, nanodollars, type PicodollarsPerUnit } from '@bourse/money';
import { Card, CardDescription, CardHeader, CardTitle } from '@bourse/ui';
import type { ReactNode } from 'react';
import { basePrice } from '../../../catalog/prices.ts';
import { Money } from '../../../components/format/money.tsx';
import { BasisPoints } from '../../../components/format/percent.tsx';
import { PricePerMillion } from '../../../components/format/price-per-million.tsx';
import { Count } from '../../../components/format/tokens.tsx';
import type { ModelDetails } from '../../../data/catalog.ts';

const INPUT_TOKENS = 1_200;
const OUTPUT_TOKENS = 350;

/** A charge worked out line by line, with the very function that charges requests. Nothing for a model that nobody sells. */
export function WorkedReceipt({ model }: { model: ModelDetails }) {
  const endpoint = model.endpoints[0];
  const inputPrice = endpoint ? basePrice(endpoint.listPrices, 'input') : null;
  const outputPrice = endpoint ? basePrice(endpoint.listPrices, 'output') : null;
  if (!endpoint || inputPrice === null || outputPrice === null) return null;
  const input = { quantity: INPUT_TOKENS, price: inputPrice };
  const output = { quantity: OUTPUT_TOKENS, price: outputPrice };
  const cost = costTotal([input, output]);
  const charge = chargeTotal([input, output], endpoint.markupBps);
  return (
    <Card>
      <CardHeader>
        <div>
          <CardTitle as="h3">A receipt, worked out</CardTitle>
          <CardDescription>
            {INPUT_TOKENS.toLocaleString('en-US')} tokens in and {OUTPUT_TOKENS} out, {model.name} at{' '}
            {endpoint.provider.name}
          </CardDescription>
        </div>
      </CardHeader>
      <dl className="divide-y font-mono text-xs">
        <PricedLine label="input" {...input} />
        <PricedLine label="output" {...output} />
        <Line label="provider’s price">
          <Money amount={cost} exact />
        </Line>
        <Line
          label={
            <>
              markup, <BasisPoints bps={endpoint.markupBps} />
            </>
          }
        >
          <Money amount={nanodollars(charge - cost)} exact />
        </Line>
        <Line isTotal label="charge">
          <Money amount={charge} exact />
        </Line>
      </dl>
    </Card>
  );
}

function PricedLine({ label, quantity, price }: { label: string; quantity: number; price: PicodollarsPerUnit }) {
  return (
    <Line
      label={
        <>
          {label}{' '}
          <span className="text-subtle-foreground">
            <Count count={quantity} /> × <PricePerMillion price={price} unit />
          </span>
        </>
      }
    >
      <Money amount={costTotal([{ quantity, price }])} exact />
    </Line>
  );
}

function Line({ label, isTotal = false, children }: { label: ReactNode; isTotal?: boolean; children: ReactNode }) {
  return (
    <div className={`flex justify-between gap-4 px-4 py-2.5 ${isTotal ? 'bg-inset font-medium text-foreground' : ''}`}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
