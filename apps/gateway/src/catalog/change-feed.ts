import type { PublicPricing } from '@bourse/catalog';
import type { PublicChange } from './history.ts';
import { type FeedEntry, renderFeed } from './model-feed.ts';

const TOKENS = 1_000_000;

/** `$3 in, $15 out per million tokens`; what is not sold by tokens is told by its first price. */
function priceWords({ prompt, completion, overrides: _tiers, ...others }: PublicPricing): string {
  const perMillion = (price: string) => `$${Number((Number(price) * TOKENS).toPrecision(12))}`;
  if (Number(prompt) > 0 || Number(completion) > 0)
    return `${perMillion(prompt)} in, ${perMillion(completion)} out per million tokens`;
  const [unit] = Object.entries(others);
  return unit === undefined || Number(unit[1]) === 0 ? 'free' : `$${unit[1]} per ${unit[0].replaceAll('_', ' ')}`;
}

function wordsOf(change: PublicChange): { readonly title: string; readonly description: string } {
  const { kind, model_name: model, provider_name: provider, pricing_before: before, pricing_after: after } = change;
  const at = provider === null ? '' : ` at ${provider}`;
  const price = after === null ? '' : ` It costs ${priceWords(after)}.`;
  switch (kind) {
    case 'model_added':
      return { title: `New: ${model}`, description: `${model} can be had here.` };
    case 'model_removed':
      return { title: `Gone: ${model}`, description: `${model} is not sold here any more.` };
    case 'endpoint_added':
      return { title: `${model}${at}`, description: `${model} can be had${at}.${price}` };
    case 'endpoint_removed':
      return { title: `Gone: ${model}${at}`, description: `${model} is not to be had${at} any more.` };
    case 'price_changed': {
      const from = before === null ? '' : ` It was ${priceWords(before)}.`;
      return { title: `New price: ${model}${at}`, description: `${model}${at}.${price}${from}` };
    }
  }
}

/** Changes of the catalog as RSS; their links lead to the models' pages. */
export function renderChangeFeed(
  changes: readonly PublicChange[],
  { dashboardUrl, self }: { readonly dashboardUrl: string; readonly self: string },
): string {
  const entries: readonly FeedEntry[] = changes.map((change) => ({
    id: `change-${change.id}`,
    ...wordsOf(change),
    link: `${dashboardUrl}/${change.model_id}`,
    at: new Date(change.at),
  }));
  const about = {
    title: 'Bourse: what is new',
    description: 'Models that came and went, and prices that changed.',
    link: `${dashboardUrl}/whats-new`,
    self,
  };
  return renderFeed(about, entries);
}
