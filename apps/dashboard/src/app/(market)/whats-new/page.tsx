import { Card, SegmentedNav } from '@bourse/ui';
import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { CursorPager } from '../../../components/account/cursor-pager.tsx';
import { FeedLink } from '../../../components/catalog/feed-link.tsx';
import { AppLink } from '../../../components/link.tsx';
import { PageBody, PageHeader, Section } from '../../../components/page.tsx';
import { listChanges } from '../../../data/catalog-history.ts';
import { ChangeTable } from './_components/change-table.tsx';
import { NewestModels } from './_components/newest-models.tsx';
import { type ChangeView, changesHref, changeViews, cursorOf, kindsOf, loadChangesParams } from './search-params.ts';

export const metadata: Metadata = {
  title: 'What’s new',
  description: 'Models that came and went, and prices that changed.',
};

const ROWS = 50;

const labels: Readonly<Record<ChangeView, string>> = { all: 'All', models: 'New', prices: 'Prices', gone: 'Gone' };

export default async function WhatsNewPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const query = await loadChangesParams(searchParams);
  const before = cursorOf(query.before);
  // One more than is shown tells whether there is a next page.
  const found = await listChanges({ kinds: kindsOf[query.show], before, limit: ROWS + 1 });
  const changes = found.slice(0, ROWS);
  const last = found.length > ROWS ? changes.at(-1) : undefined;
  const feed = `/api/v1/models/changes?format=rss&kind=${kindsOf[query.show].join(',')}`;
  const views = changeViews.map((show) => ({
    id: show,
    label: labels[show],
    href: `/whats-new${changesHref({ show })}`,
    isCurrent: show === query.show,
  }));
  return (
    <PageBody className="grid grid-cols-1 gap-10">
      <div>
        <PageHeader actions={<FeedLink href={feed} />} title="What’s new">
          Models that came and went, and prices that changed. Prices are what you pay: the provider’s and the markup on
          it.
        </PageHeader>
        <Section title="Newest models">
          <NewestModels />
        </Section>
      </div>
      <Section
        actions={<SegmentedNav items={views} label="Changes" link={AppLink} />}
        id="changes"
        title="Changes of the catalog"
      >
        <Card>
          <ChangeTable changes={changes} />
          <CursorPager
            firstHref={before === null ? null : `/whats-new${changesHref({ show: query.show })}#changes`}
            label="Pages of changes"
            nextHref={last ? `/whats-new${changesHref({ show: query.show, before: last.id })}#changes` : null}
          />
        </Card>
      </Section>
    </PageBody>
  );
}
