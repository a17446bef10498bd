import { Card, Skeleton, TableSkeleton } from '@bourse/ui';
import { PageBody, PageHeader } from '../../../components/page.tsx';

export default function Loading() {
  return (
    <PageBody>
      <PageHeader title="Models">Loading the catalog.</PageHeader>
      <div className="flex items-start gap-8">
        <Skeleton className="hidden h-96 w-56 shrink-0 lg:block" />
        <div className="flex-1">
          <Skeleton className="mb-6 h-8" />
          <Card>
            <TableSkeleton rows={12} />
          </Card>
        </div>
      </div>
    </PageBody>
  );
}
