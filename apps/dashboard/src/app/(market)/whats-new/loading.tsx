import { Card, TableSkeleton } from '@bourse/ui';
import { PageBody, PageHeader } from '../../../components/page.tsx';

export default function Loading() {
  return (
    <PageBody>
      <PageHeader title="What’s new">Loading the changes of the catalog.</PageHeader>
      <Card>
        <TableSkeleton rows={12} />
      </Card>
    </PageBody>
  );
}
