import { Button, Card, EmptyState, SegmentedNav } from '@bourse/ui';
import { SearchX } from 'lucide-react';
import Link from 'next/link';
import { AppLink } from '../../../../components/link.tsx';
import type { ModelSummary } from '../../../../data/catalog.ts';
import { type Facets, pageOf } from '../filter-models.ts';
import { type ModelsQuery, modelsHref, modelViews } from '../search-params.ts';
import { FilterSheet } from './filter-sheet.tsx';
import { ModelList } from './model-list.tsx';
import { ModelTable } from './model-table.tsx';
import { ModelsToolbar } from './models-toolbar.tsx';
import { Pager } from './pager.tsx';

type ModelsResultsProps = {
  models: readonly ModelSummary[];
  facets: Facets;
  query: ModelsQuery;
  /** How many models the catalog has before any filter. */
  total: number;
};

/** The toolbar and what is left of the catalog after the filters. */
export function ModelsResults({ models, facets, query, total }: ModelsResultsProps) {
  const { rows, page, pages } = pageOf(models, query.page);
  return (
    <div className="min-w-0 flex-1">
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <ModelsToolbar />
        <ViewNav query={query} />
        <FilterSheet activeCount={activeFilterCount(query)} facets={facets} resultCount={models.length} />
      </div>
      <p className="mb-2 text-subtle-foreground text-xs" role="status">
        {models.length === total ? `${total} models` : `${models.length} of ${total} models`}
      </p>
      <Card>
        {rows.length === 0 ? <NoModels isCatalogEmpty={total === 0} /> : null}
        {rows.length > 0 && query.view === 'list' ? <ModelList models={rows} /> : null}
        {rows.length > 0 && query.view === 'table' ? <ModelTable models={rows} query={query} /> : null}
        <Pager page={page} pages={pages} query={query} />
      </Card>
    </div>
  );
}

const viewLabels = { list: 'List', table: 'Table' } as const;

function ViewNav({ query }: { query: ModelsQuery }) {
  const items = modelViews.map((view) => ({
    id: view,
    label: viewLabels[view],
    href: `/models${modelsHref({ ...query, view })}`,
    isCurrent: query.view === view,
  }));
  return <SegmentedNav items={items} label="View" link={AppLink} />;
}

function NoModels({ isCatalogEmpty }: { isCatalogEmpty: boolean }) {
  if (isCatalogEmpty) {
    return (
      <EmptyState icon={SearchX} title="The catalog is empty">
        No models have been loaded into the database yet. `pnpm db:seed` loads the maintained catalog.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      action={
        <Button asChild>
          <Link href="/models">Clear all filters</Link>
        </Button>
      }
      icon={SearchX}
      title="No model matches"
    >
      Take a filter away, or search for something shorter.
    </EmptyState>
  );
}

/** How many filters are set, for the button that hides them on a phone. */
function activeFilterCount(query: ModelsQuery): number {
  const { author, provider, input, output, param } = query;
  const chosen = [author, provider, input, output, param].reduce((sum, choices) => sum + choices.length, 0);
  return chosen + Number(query.context > 0) + Number(query.price >= 0) + Number(query.zdr) + Number(query.routable);
}
