import Link from 'next/link';
import { Code } from '../../../../components/code/code.tsx';
import type { Call } from '../../../../site/code-samples.ts';
import { activityPlace, creditsPlace } from '../../../../site/navigation.ts';
import { DocsSection, Prose, Term } from './docs-section.tsx';

/** What a request costs, and how to check it. */
export function Pricing({ call }: { call: Call }) {
  return (
    <DocsSection id="pricing" title="Pricing and receipts">
      <Prose>
        Credits are prepaid dollars. Prices are per token and per endpoint, and each model’s page shows them with their
        source, the day they were read, and the markup that the market adds. Cached, reasoning and plain tokens are
        counted apart; the lines are added, the markup is applied to the sum, and the sum is rounded up once, to a
        billionth of a dollar.
      </Prose>
      <Prose>
        Before a request goes out, what it can cost at most is set aside from your credits; when it ends, the true
        charge is taken and the rest returns. So a balance cannot go below zero, however many requests run at once.
      </Prose>
      <Prose>
        Every answer carries its id in the header <Term>X-Generation-Id</Term>. The record behind it has each counted
        line with the price that was in force:
      </Prose>
      <Code
        code={`curl "${call.apiUrl}/generation?id=$GENERATION_ID" \\\n  -H "Authorization: Bearer $BOURSE_API_KEY"\n\ncurl ${call.apiUrl}/credits \\\n  -H "Authorization: Bearer $BOURSE_API_KEY"`}
        label="Read a receipt and the credits"
        language="bash"
      />
      <Prose>
        The same records stand under{' '}
        <Link className="text-accent-text hover:underline" href={activityPlace.href}>
          Activity
        </Link>
        , and the same amounts in the ledger under{' '}
        <Link className="text-accent-text hover:underline" href={creditsPlace.href}>
          Credits
        </Link>
        .
      </Prose>
    </DocsSection>
  );
}
