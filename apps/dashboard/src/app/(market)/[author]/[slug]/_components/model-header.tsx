import { Badge, Button, CopyButton, Monogram, Stat } from '@bourse/ui';
import { ArrowUpRight, MessageSquare } from 'lucide-react';
import Link from 'next/link';
import { CallableState } from '../../../../../components/catalog/model-state.tsx';
import { Day } from '../../../../../components/format/ago.tsx';
import { PricePerMillion, Unknown } from '../../../../../components/format/price-per-million.tsx';
import { ContextTokens, Tokens } from '../../../../../components/format/tokens.tsx';
import type { ModelDetails } from '../../../../../data/catalog.ts';

/** What the model is, and the numbers that decide whether it fits. */
export function ModelHeader({ model }: { model: ModelDetails }) {
  return (
    <header>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
        <div className="flex min-w-0 items-start gap-3.5">
          <Monogram className="mt-1" name={model.author.name} size="lg" />
          <div className="min-w-0">
            <h1 className="font-semibold text-2xl">{model.name}</h1>
            <div className="flex min-w-0 flex-wrap items-center gap-x-3 text-muted-foreground text-sm">
              <span className="flex min-w-0 items-center gap-0.5">
                <code className="truncate font-mono text-xs">{model.slug}</code>
                <CopyButton label={`Copy ${model.slug}`} value={model.slug} />
              </span>
              <Link className="hover:text-foreground hover:underline" href={`/models?author=${model.author.slug}`}>
                {model.author.name}
              </Link>
              <CallableState isCallable={model.isRoutable} />
            </div>
          </div>
        </div>
        <div className="flex gap-2">
          {model.huggingFaceId ? (
            <Button asChild>
              <a href={`https://huggingface.co/${model.huggingFaceId}`} rel="noreferrer">
                Weights <ArrowUpRight aria-hidden />
              </a>
            </Button>
          ) : null}
          {model.isRoutable === false ? null : (
            <Button asChild variant="primary">
              <Link href={`/chat?model=${encodeURIComponent(model.slug)}`}>
                <MessageSquare aria-hidden /> Chat
              </Link>
            </Button>
          )}
        </div>
      </div>
      <p className="mt-4 max-w-3xl text-pretty text-muted-foreground">{model.description}</p>
      <Modalities model={model} />
      <ExpiryNotice model={model} />
      <Names model={model} />
      <ModelStats model={model} />
    </header>
  );
}

function ExpiryNotice({ model }: { model: ModelDetails }) {
  if (model.expiresOn === null) return null;
  return (
    <p
      className="mt-4 rounded-md border border-warning-line bg-warning-soft px-3 py-2 text-sm text-warning-text"
      role="note"
    >
      This model leaves the market on <Day date={model.expiresOn} />.{' '}
      {model.successorSlug ? (
        <>
          Move to{' '}
          <Link className="underline" href={`/${model.successorSlug}`}>
            {model.successorSlug}
          </Link>
          .
        </>
      ) : null}
    </p>
  );
}

/** Other names that mean it, and what its author says of using it. */
function Names({ model }: { model: ModelDetails }) {
  const others = [...new Set([model.canonicalSlug, ...model.aliases])].filter((name) => name !== model.slug);
  const permitted = model.isDistillable === true ? 'permitted' : 'not permitted';
  const told: readonly (readonly [string, string])[] = [
    ['Also', others.join(', ')],
    ['Reasoning', model.reasoning === null ? '' : reasoningText(model.reasoning)],
    ['Recommended', recommendedText(model.defaultParameters)],
    ['Training on answers', model.isDistillable === null ? '' : permitted],
  ];
  const facts = told.filter(([, text]) => text !== '');
  if (facts.length === 0) return null;
  return (
    <dl className="mt-4 flex flex-wrap gap-x-6 gap-y-1 text-sm">
      {facts.map(([label, text]) => (
        <div className="flex min-w-0 flex-wrap gap-x-2" key={label}>
          <dt className="text-subtle-foreground">{label}</dt>
          <dd className="min-w-0 break-words font-mono text-xs leading-5">{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function reasoningText({ isMandatory, isDefaultOn, efforts }: NonNullable<ModelDetails['reasoning']>): string {
  const optional = isDefaultOn ? 'on unless switched off' : 'where asked for';
  const state = isMandatory ? 'always' : optional;
  return efforts.length === 0 ? state : `${state}: ${efforts.join(', ')}`;
}

function recommendedText(parameters: ModelDetails['defaultParameters']): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function Modalities({ model }: { model: ModelDetails }) {
  return (
    <div className="mt-3 flex flex-wrap items-center gap-1.5 text-subtle-foreground text-xs">
      {model.inputModalities.map((modality) => (
        <Badge key={modality}>{modality}</Badge>
      ))}
      <span>in,</span>
      {model.outputModalities.map((modality) => (
        <Badge key={modality}>{modality}</Badge>
      ))}
      <span>out</span>
      {model.isSandbox ? <Badge tone="warning">sandbox: simulated, for tests</Badge> : null}
    </div>
  );
}

function ModelStats({ model }: { model: ModelDetails }) {
  return (
    <dl className="mt-6 grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-line sm:grid-cols-4 lg:grid-cols-7 [&>div]:bg-surface [&>div]:px-4 [&>div]:py-3">
      <Stat label="Input, per million" value={<PricePerMillion price={model.inputPrice} />} />
      <Stat label="Output, per million" value={<PricePerMillion price={model.outputPrice} />} />
      <Stat
        label="Context"
        value={model.contextTokensMax === null ? <Unknown /> : <ContextTokens count={model.contextTokensMax} />}
      />
      <Stat
        label="Longest answer"
        value={model.outputTokensMax === null ? <Unknown /> : <ContextTokens count={model.outputTokensMax} />}
      />
      <Stat label="Tokens this week" value={<Tokens count={model.tokensThisWeek} />} />
      <Stat label="Released" value={model.releasedOn === null ? <Unknown /> : <Day date={model.releasedOn} />} />
      <Stat
        className="max-lg:col-span-2"
        label="Knowledge until"
        value={model.knowledgeCutoff === null ? <Unknown /> : <Day date={model.knowledgeCutoff} />}
      />
    </dl>
  );
}
