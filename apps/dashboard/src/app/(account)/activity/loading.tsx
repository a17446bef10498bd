import { Card, Skeleton, TableSkeleton } from '@bourse/ui';
import { AccountPage } from '../../../components/account/account-page.tsx';

export default function Loading() {
  return (
    <AccountPage href="/activity" title="Activity">
      <Skeleton className="mb-4 h-8" />
      <div className="mb-8 grid gap-3 sm:grid-cols-3">
        <Skeleton className="h-24" />
        <Skeleton className="h-24" />
        <Skeleton className="h-24" />
      </div>
      <Card>
        <TableSkeleton rows={10} />
      </Card>
    </AccountPage>
  );
}
