import { Card, Skeleton, TableSkeleton } from '@bourse/ui';
import { AccountPage } from '../../../../components/account/account-page.tsx';

export default function Loading() {
  return (
    <AccountPage href="/settings/credits" title="Credits">
      <div className="mb-10 grid gap-6 lg:grid-cols-2">
        <Skeleton className="h-64" />
        <Skeleton className="h-64" />
      </div>
      <Card>
        <TableSkeleton rows={8} />
      </Card>
    </AccountPage>
  );
}
