'use client';

import { feeForPurchase } from '@bourse/money';
import { Button, cn, Field, Input } from '@bourse/ui';
import { type FormEvent, useState } from 'react';
import { startPurchaseAction } from '../../actions/credit-actions.ts';
import type { PurchaseTerms } from '../../data/credits.ts';
import { FormProblem } from '../account/form-problem.tsx';
import { useAction } from '../account/use-action.ts';
import { centsFromDollars, centsText } from './cents.ts';

const presets = [1_000, 2_500, 5_000, 10_000];

/** Chooses an amount, shows what it will cost, and leads to the checkout. */
export function BuyCredits({ terms }: { terms: PurchaseTerms }) {
  const [text, setText] = useState('25');
  const [isLeaving, setIsLeaving] = useState(false);
  const { run, isPending, refusal } = useAction(startPurchaseAction);
  const cents = centsFromDollars(text);
  const isAllowed = cents !== null && cents >= terms.centsMin && cents <= terms.centsMax;

  function buy(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!isAllowed) return;
    run({ amountCents: cents }, ({ checkoutUrl }) => {
      setIsLeaving(true);
      window.location.assign(checkoutUrl);
    });
  }

  return (
    <form className="grid gap-4" onSubmit={buy}>
      <fieldset className="grid grid-cols-4 gap-2">
        <legend className="sr-only">Amount</legend>
        {presets.map((preset) => (
          <Button
            aria-pressed={cents === preset}
            className={cn(cents === preset && 'border-foreground bg-hover')}
            key={preset}
            onClick={() => setText(String(preset / 100))}
          >
            {centsText(preset).replace('.00', '')}
          </Button>
        ))}
      </fieldset>
      <Field
        error={
          text.trim() !== '' && !isAllowed ? `From ${centsText(terms.centsMin)} to ${centsText(terms.centsMax)}.` : null
        }
        id="amount"
        label="Amount in US dollars"
      >
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            inputMode="decimal"
            name="amount"
            onChange={(event) => setText(event.target.value)}
            value={text}
          />
        )}
      </Field>
      <Bill cents={isAllowed ? cents : null} terms={terms} />
      <FormProblem refusal={refusal} />
      <Button disabled={!isAllowed || isPending || isLeaving} size="lg" type="submit" variant="primary">
        {isPending || isLeaving ? 'Opening the checkout…' : 'Continue to checkout'}
      </Button>
    </form>
  );
}

function Bill({ cents, terms }: { cents: number | null; terms: PurchaseTerms }) {
  const fee = cents === null ? null : feeForPurchase(cents, terms.fee);
  const lines = [
    { label: 'Credits', cents },
    { label: feeLabel(terms), cents: fee },
    { label: 'Total', cents: cents === null || fee === null ? null : cents + fee },
  ];
  return (
    <dl className="grid gap-1.5 text-sm">
      {lines.map((line) => (
        <div
          className="flex justify-between gap-4 text-muted-foreground last:border-t last:pt-1.5 last:font-medium last:text-foreground"
          key={line.label}
        >
          <dt>{line.label}</dt>
          <dd className="numeric">{line.cents === null ? '—' : centsText(line.cents)}</dd>
        </div>
      ))}
    </dl>
  );
}

function feeLabel({ fee }: PurchaseTerms): string {
  return `Fee (${fee.feeBps / 100}%, at least ${centsText(fee.feeCentsMin)})`;
}
