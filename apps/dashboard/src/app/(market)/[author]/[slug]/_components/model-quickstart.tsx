import { Badge } from '@bourse/ui';
import Link from 'next/link';
import { CodeTabs } from '../../../../../components/code/code-tabs.tsx';
import { Section } from '../../../../../components/page.tsx';
import type { ModelDetails } from '../../../../../data/catalog.ts';
import { quickstartSamples } from '../../../../../site/code-samples.ts';
import { keysPlace } from '../../../../../site/navigation.ts';
import { operationOf, operationSamples } from '../../../../../site/operation-samples.ts';
import { publicApiUrl } from '../../../../../site/public-api.ts';

/** A first call to this model, and what it understands. */
export function ModelQuickstart({ model }: { model: ModelDetails }) {
  return (
    <div className="grid grid-cols-1 gap-x-8 gap-y-10 lg:grid-cols-[3fr_2fr]">
      <Section description={model.isRoutable === false ? <ListedOnly /> : <WithKey />} title="Quickstart">
        <CodeTabs samples={samplesFor(model)} />
      </Section>
      <Section
        description="Accepted by at least one endpoint. Requests with a parameter go to endpoints that support it."
        title="Parameters"
      >
        {model.supportedParameters.length === 0 ? (
          <p className="text-muted-foreground text-sm">The catalog does not say.</p>
        ) : (
          <ul className="flex flex-wrap gap-1.5">
            {model.supportedParameters.map((parameter) => (
              <li key={parameter}>
                <Badge className="font-mono font-normal" tone="outline">
                  {parameter}
                </Badge>
              </li>
            ))}
          </ul>
        )}
      </Section>
    </div>
  );
}

function samplesFor({ slug, outputModalities }: ModelDetails) {
  const call = { apiUrl: publicApiUrl(), model: slug };
  const operation = operationOf(outputModalities);
  return operation === null ? quickstartSamples(call) : operationSamples(call, operation);
}

function WithKey() {
  return (
    <>
      With a key from{' '}
      <Link className="text-accent-text hover:underline" href={keysPlace.href}>
        API keys
      </Link>{' '}
      in <code className="font-mono text-xs">BOURSE_API_KEY</code>.
    </>
  );
}

function ListedOnly() {
  return <>None of its providers is configured on this market, so the call below is refused until one of them is.</>;
}
