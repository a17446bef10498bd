import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { FeedLink } from '../../../components/catalog/feed-link.tsx';
import { PageBody, PageHeader } from '../../../components/page.tsx';
import { listModels } from '../../../data/catalog.ts';
import { FilterPanel } from './_components/filter-panel.tsx';
import { ModelsResults } from './_components/models-results.tsx';
import { facetsOf, passesFilters, sortModels } from './filter-models.ts';
import { loadModelsParams } from './search-params.ts';

export const metadata: Metadata = {
  title: 'Models',
  description: 'Every model of the market with its price, context and providers.',
};

export default async function ModelsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const [query, all] = await Promise.all([loadModelsParams(searchParams), listModels()]);
  const models = sortModels(
    all.filter((model) => passesFilters(model, query)),
    query,
  );
  const facets = facetsOf(all, query);
  return (
    <PageBody>
      <PageHeader actions={<FeedLink href="/api/v1/models?use_rss=true" />} title="Models">
        What you pay at the cheapest endpoint of each model, in dollars per million tokens, markup included.
      </PageHeader>
      <div className="flex items-start gap-8">
        <aside
          aria-label="Filters"
          className="sticky top-[calc(var(--header-height)+1.5rem)] hidden max-h-[calc(100dvh-var(--header-height)-3rem)] w-56 shrink-0 overflow-y-auto pr-2 lg:block"
        >
          <FilterPanel facets={facets} />
        </aside>
        <ModelsResults facets={facets} models={models} query={query} total={all.length} />
      </div>
    </PageBody>
  );
}
