import { keyLimitError } from '@bourse/access';
import type { ApiKeySnapshot } from '@bourse/db';
import { AppError } from '@bourse/errors';
import type { Prompt } from '@bourse/generation';
import { formatUsd, type Nanodollars, nanodollars } from '@bourse/money';
import type { Deps } from '../deps.ts';

/** The 402 of an organization whose credits do not buy even a shortened answer. Programs read `metadata.reason`: `account_balance`. */
export function tooPoor(
  facts: { readonly available: Nanodollars; readonly needed: Nanodollars; readonly neededAtLeast: Nanodollars },
  deps: Pick<Deps, 'dashboardUrl'>,
): AppError {
  const [available, needed, least] = [facts.available, facts.needed, facts.neededAtLeast].map(formatUsd);
  return new AppError(
    'insufficient_credits',
    `This request needs at least $${least} and may cost up to $${needed}; $${available} is available. Add credits at ${deps.dashboardUrl}/settings/credits.`,
    { metadata: { reason: 'account_balance', available, needed, needed_at_least: least } },
  );
}

/** The 402 of a key whose own limit does not buy even a shortened answer, whatever the balance. */
export function limitTooLow(
  key: ApiKeySnapshot,
  facts: { readonly remaining: Nanodollars; readonly needed: Nanodollars },
  deps: Pick<Deps, 'dashboardUrl' | 'now'>,
): AppError {
  return keyLimitError({
    ...facts,
    limit: key.limit ?? nanodollars(0n),
    limitReset: key.limitReset,
    nowMs: deps.now(),
    keysUrl: `${deps.dashboardUrl}/settings/keys`,
  });
}

/** The 402 of a request whose own `max_cost` does not buy even a shortened answer. */
export function ceilingTooLow(
  facts: { readonly needed: Nanodollars; readonly neededAtLeast: Nanodollars },
  prompt: Prompt,
): AppError {
  return new AppError(
    'max_cost_reached',
    `max_cost is $${prompt.maxCostUsd ?? '0'}, and one token of an answer needs $${formatUsd(facts.neededAtLeast)} with this prompt. Raise max_cost.`,
    {
      metadata: {
        reason: 'max_cost',
        max_cost: prompt.maxCostUsd ?? '0',
        needed: formatUsd(facts.needed),
        needed_at_least: formatUsd(facts.neededAtLeast),
      },
    },
  );
}
