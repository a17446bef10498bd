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
      <ModelStats model={model} />
    </header>
  );
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
