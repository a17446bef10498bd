import { Badge, Card, CardContent, CopyButton, Stat } from '@bourse/ui';
import { ArrowLeft } from 'lucide-react';
import Link from 'next/link';
import { attemptsOf } from '../../../../../components/activity/attempt.ts';
import { AttemptTable } from '../../../../../components/activity/attempt-table.tsx';
import { endWords } from '../../../../../components/activity/end-words.ts';
import { GenerationFacts } from '../../../../../components/activity/generation-facts.tsx';
import { ReceiptCard } from '../../../../../components/activity/receipt-card.tsx';
import { Duration, Speed, tokensPerSecond } from '../../../../../components/activity/speed.tsx';
import { ModelLink } from '../../../../../components/catalog/model-link.tsx';
import { Money } from '../../../../../components/format/money.tsx';
import { Count } from '../../../../../components/format/tokens.tsx';
import { Section } from '../../../../../components/page.tsx';
import type { GenerationDetail } from '../../../../../data/activity.ts';
import type { CatalogNames } from '../../../../../data/catalog.ts';

type GenerationReportProps = { generation: GenerationDetail; names: CatalogNames; keyName: string | null };

/** One generation: what it took, what it cost and why, and who was tried. */
export function GenerationReport({ generation, names, keyName }: GenerationReportProps) {
  return (
    <div className="grid grid-cols-1 gap-8">
      <ReportHeader generation={generation} names={names} />
      <Figures generation={generation} />
      <div className="grid grid-cols-1 items-start gap-x-6 gap-y-8 lg:grid-cols-2">
        <Section title="Receipt">
          <ReceiptCard generation={generation} />
        </Section>
        <Section title="Details">
          <Card>
            <CardContent>
              <GenerationFacts generation={generation} keyName={keyName} />
            </CardContent>
          </Card>
        </Section>
      </div>
      <Section description="The endpoints that were called, in order, until one answered." title="Attempts">
        <Card>
          <AttemptTable attempts={attemptsOf(generation.attempts)} names={names} />
        </Card>
      </Section>
    </div>
  );
}

function ReportHeader({ generation, names }: Pick<GenerationReportProps, 'generation' | 'names'>) {
  const { id, end, modelSlug } = generation;
  const { label, tone } = endWords[end];
  return (
    <div className="grid gap-3">
      <Link
        className="inline-flex w-fit items-center gap-1 rounded-sm text-muted-foreground text-sm hover:text-foreground"
        href="/activity"
      >
        <ArrowLeft aria-hidden className="size-3.5" />
        Activity
      </Link>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h1 className="break-all font-mono font-semibold text-lg">{id}</h1>
        <CopyButton label="Copy the id" value={id} />
        <Badge tone={tone}>{label}</Badge>
      </div>
      <ModelLink author="below" authorName={names.authorOf(modelSlug)} name={names.model(modelSlug)} slug={modelSlug} />
    </div>
  );
}

function Figures({ generation }: { generation: GenerationDetail }) {
  const figures = [
    { label: 'Cost', value: <Money amount={generation.charge} /> },
    { label: 'Input tokens', value: <Count count={generation.inputTokens} /> },
    { label: 'Output tokens', value: <Count count={generation.outputTokens} /> },
    { label: 'To first token', value: <Duration ms={generation.latencyMs} /> },
    { label: 'First to last token', value: <Duration ms={generation.generationMs} /> },
    { label: 'Speed', value: <Speed perSecond={tokensPerSecond(generation)} /> },
  ];
  return (
    <Card>
      <CardContent>
        <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-3 lg:grid-cols-6">
          {figures.map((figure) => (
            <Stat key={figure.label} {...figure} />
          ))}
        </dl>
      </CardContent>
    </Card>
  );
}
