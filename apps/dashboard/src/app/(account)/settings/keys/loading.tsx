import { Card, Skeleton, TableSkeleton } from '@bourse/ui';
import { AccountPage } from '../../../../components/account/account-page.tsx';

export default function Loading() {
  return (
    <AccountPage href="/settings/keys" title="API keys">
      <Skeleton className="mb-3 h-8 w-full" />
      <Card>
        <TableSkeleton rows={5} />
      </Card>
    </AccountPage>
  );
}
