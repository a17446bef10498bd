import { Card, Skeleton, TableSkeleton } from '@bourse/ui';
import { PageBody, PageHeader } from '../../../components/page.tsx';

export default function Loading() {
  return (
    <PageBody>
      <PageHeader title="Rankings">Counting tokens.</PageHeader>
      <Skeleton className="mb-10 h-90 rounded-lg" />
      <Card>
        <TableSkeleton rows={10} />
      </Card>
    </PageBody>
  );
}
