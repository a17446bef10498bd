import { cn } from '@bourse/ui';
import { CircleAlert, CircleCheck, LoaderCircle } from 'lucide-react';
import type { TopupRecord } from '../../data/credits.ts';
import { Money } from '../format/money.tsx';
import { PurchasePoll } from './purchase-poll.tsx';

/** What became of a purchase that its buyer comes back from. Being here proves nothing: the books say when it is paid. */
export function PurchaseStatus({ purchase }: { purchase: TopupRecord }) {
  switch (purchase.state) {
    case 'created':
    case 'paid':
      return (
        <Notice icon={<LoaderCircle aria-hidden className="size-4 animate-spin" />} tone="plain">
          Waiting for the payment service to confirm your purchase of <Money amount={purchase.amount} />.{' '}
          <PurchasePoll />
        </Notice>
      );
    case 'granted':
      return (
        <Notice icon={<CircleCheck aria-hidden className="size-4" />} tone="good">
          <Money amount={purchase.amount} /> in credits were added. You can use them now.
        </Notice>
      );
    case 'expired':
    case 'failed':
      return (
        <Notice icon={<CircleAlert aria-hidden className="size-4" />} tone="bad">
          The purchase of <Money amount={purchase.amount} /> was not completed, and nothing was added. Try again below.
        </Notice>
      );
  }
}

const tones = {
  plain: 'bg-surface',
  good: 'border-accent-line bg-accent-soft text-accent-text',
  bad: 'border-danger-line bg-danger-soft text-danger-text',
} as const;

function Notice(props: { tone: keyof typeof tones; icon: React.ReactNode; children: React.ReactNode }) {
  return (
    <div
      className={cn('mb-6 flex items-start gap-2.5 rounded-lg border px-4 py-3 text-sm', tones[props.tone])}
      role="status"
    >
      <span className="mt-0.5 shrink-0">{props.icon}</span>
      <p className="min-w-0">{props.children}</p>
    </div>
  );
}
