import Link from 'next/link';
import { CodeTabs } from '../../../../components/code/code-tabs.tsx';
import { type Call, quickstartSamples } from '../../../../site/code-samples.ts';
import { creditsPlace, keysPlace, signInPlace } from '../../../../site/navigation.ts';
import { DocsSection, Prose, Term } from './docs-section.tsx';

/** From nothing to the first answer. */
export function Quickstart({ call }: { call: Call }) {
  return (
    <>
      <div>
        <h1 className="font-semibold text-2xl">Documentation</h1>
        <p className="mt-1 text-pretty text-muted-foreground">
          Bourse speaks the OpenAI chat format. If your program does too, it needs another base URL and another key.
        </p>
      </div>
      <DocsSection id="quickstart" title="Quickstart">
        <Prose>
          <Link className="text-accent-text hover:underline" href={signInPlace.href}>
            Sign in
          </Link>
          ,{' '}
          <Link className="text-accent-text hover:underline" href={creditsPlace.href}>
            buy credits
          </Link>
          ,{' '}
          <Link className="text-accent-text hover:underline" href={keysPlace.href}>
            create a key
          </Link>{' '}
          and put it into the environment as <Term>BOURSE_API_KEY</Term>. Then:
        </Prose>
        <CodeTabs samples={quickstartSamples(call)} />
        <Prose>
          The answer has the shape that OpenAI’s has, with two additions: <Term>provider</Term> says who served it, and{' '}
          <Term>usage.cost</Term> says what it cost, in dollars. Models whose name begins with <Term>sandbox/</Term> are
          simulated; some of them fail on purpose (<Term>sandbox/fault-429</Term>), so that you can see how your program
          takes it.
        </Prose>
      </DocsSection>
    </>
  );
}
