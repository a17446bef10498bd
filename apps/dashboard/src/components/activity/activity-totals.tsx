import { Card, CardContent, Stat } from '@bourse/ui';
import type { GenerationSummary } from '../../data/activity.ts';
import { Money } from '../format/money.tsx';
import { Count, compactCount, Tokens } from '../format/tokens.tsx';

/** The sums over everything that the filters let through, not over the page alone. */
export function ActivityTotals({ summary }: { summary: GenerationSummary }) {
  const { charge, inputTokens, outputTokens, requests } = summary;
  const cards = [
    { label: 'Spend', value: <Money amount={charge} />, note: 'Taken from your credits' },
    {
      label: 'Tokens',
      value: <Tokens count={inputTokens + outputTokens} />,
      note: `${compactCount(inputTokens)} in, ${compactCount(outputTokens)} out`,
    },
    { label: 'Requests', value: <Count count={requests} />, note: 'Chat included' },
  ];
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      {cards.map((card) => (
        <Card key={card.label}>
          <CardContent>
            <dl>
              <Stat {...card} />
            </dl>
          </CardContent>
        </Card>
      ))}
    </div>
  );
}
