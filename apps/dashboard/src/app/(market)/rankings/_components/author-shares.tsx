import { Card, CardContent, ChartSwatch, chartColorAt, Donut, type ShareSlice } from '@bourse/ui';
import Link from 'next/link';
import { Percent } from '../../../../components/format/percent.tsx';
import { Tokens } from '../../../../components/format/tokens.tsx';
import type { CatalogNames } from '../../../../data/catalog.ts';
import type { RankedAuthor } from '../../../../data/rankings.ts';

const NAMED = 8;
const OTHER = 'other';

/** Who makes the models that the market uses: a ring and its legend, the eight largest and the rest. */
export function AuthorShares({ authors, names }: { authors: readonly RankedAuthor[]; names: CatalogNames }) {
  const slices = slicesOf(authors, names);
  const total = authors.reduce((sum, author) => sum + author.tokens, 0);
  return (
    <Card>
      <CardContent className="flex flex-wrap items-center gap-x-8 gap-y-5">
        <Donut caption="Share of tokens by author" format="compact" size={148} slices={slices}>
          <span className="numeric font-medium text-lg">
            <Tokens count={total} />
          </span>
          <span className="text-subtle-foreground text-xs">tokens</span>
        </Donut>
        <ul className="min-w-40 flex-1 text-sm">
          {slices.map((slice) => (
            <li className="flex items-center gap-2 py-0.5" key={slice.key}>
              <ChartSwatch color={slice.color} />
              {slice.key === OTHER ? (
                <span>{slice.name}</span>
              ) : (
                <Link className="truncate hover:underline" href={`/models?author=${slice.key}`} prefetch={false}>
                  {slice.name}
                </Link>
              )}
              <span className="ml-auto text-muted-foreground">
                <Percent ratio={total === 0 ? 0 : slice.value / total} />
              </span>
            </li>
          ))}
        </ul>
      </CardContent>
    </Card>
  );
}

function slicesOf(authors: readonly RankedAuthor[], names: CatalogNames): readonly ShareSlice[] {
  const bySize = authors.toSorted((a, b) => b.tokens - a.tokens);
  const named = bySize.slice(0, NAMED).map((author, rank): ShareSlice => {
    const { authorSlug: key, tokens: value } = author;
    return { key, name: names.author(key), value, color: chartColorAt(rank) };
  });
  const rest = bySize.slice(NAMED).reduce((sum, author) => sum + author.tokens, 0);
  return rest > 0 ? [...named, { key: OTHER, name: 'All others', value: rest, color: 'other' }] : named;
}
