import { CopyButton, Monogram } from '@bourse/ui';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { ExpiryBadge } from '../../../../components/catalog/expiry.tsx';
import { CallableState } from '../../../../components/catalog/model-state.tsx';
import { PricePerMillion } from '../../../../components/format/price-per-million.tsx';
import { ContextTokens, Tokens } from '../../../../components/format/tokens.tsx';
import type { ModelSummary } from '../../../../data/catalog.ts';

/** Models as a list to read: what each one is, and the numbers that decide. */
export function ModelList({ models }: { models: readonly ModelSummary[] }) {
  return (
    <ul className="divide-y">
      {models.map((model) => (
        <li className="group/row flex gap-3 px-4 py-4 transition-colors hover:bg-hover/60" key={model.slug}>
          <Monogram className="mt-0.5" name={model.author.name} />
          <div className="min-w-0 flex-1">
            <div className="flex items-baseline gap-x-3">
              <h2 className="min-w-0 truncate font-medium text-base tracking-normal">
                <Link className="rounded-sm hover:underline" href={`/${model.slug}`} prefetch={false}>
                  {model.name}
                </Link>
              </h2>
              <Slug slug={model.slug} />
              <ExpiryBadge expiresOn={model.expiresOn} />
              <span className="ml-auto shrink-0 text-muted-foreground text-sm">
                {model.tokensThisWeek > 0 ? (
                  <>
                    <Tokens count={model.tokensThisWeek} /> <span className="max-sm:hidden">tokens</span>
                    <span className="max-lg:hidden"> this week</span>
                  </>
                ) : null}
              </span>
            </div>
            <p className="mt-0.5 line-clamp-2 max-w-3xl text-pretty text-muted-foreground text-sm">
              {model.description}
            </p>
            <Facts model={model} />
          </div>
        </li>
      ))}
    </ul>
  );
}

function Slug({ slug }: { slug: string }) {
  return (
    <span className="flex min-w-0 items-center gap-0.5 text-subtle-foreground max-md:hidden">
      <code className="truncate font-mono text-xs">{slug}</code>
      <CopyButton
        className="size-5 opacity-0 focus-visible:opacity-100 group-hover/row:opacity-100"
        label={`Copy ${slug}`}
        value={slug}
      />
    </span>
  );
}

function Facts({ model }: { model: ModelSummary }) {
  return (
    <dl className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs">
      <Fact label="by">{model.author.name}</Fact>
      {model.contextTokensMax === null ? null : (
        <Fact isAfter label="context">
          <ContextTokens count={model.contextTokensMax} />
        </Fact>
      )}
      <Fact isAfter label="input">
        <PricePerMillion price={model.inputPrice} unit />
      </Fact>
      <Fact isAfter label="output">
        <PricePerMillion price={model.outputPrice} unit />
      </Fact>
      <Fact isAfter label={model.providers.length === 1 ? 'provider' : 'providers'}>
        {model.providers.length}
      </Fact>
      <div className="text-muted-foreground">
        <dt className="sr-only">State</dt>
        <dd>
          <CallableState isCallable={model.isRoutable} />
        </dd>
      </div>
    </dl>
  );
}

function Fact({ label, isAfter = false, children }: { label: string; isAfter?: boolean; children: ReactNode }) {
  return (
    <div className={isAfter ? 'flex flex-row-reverse gap-1' : 'flex gap-1'}>
      <dt className="text-subtle-foreground">{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
