import { Skeleton } from '@bourse/ui';
import { PageBody } from '../../../../components/page.tsx';

export default function Loading() {
  return (
    <PageBody className="grid gap-8">
      <Skeleton className="h-16 w-80" />
      <Skeleton className="h-24" />
      <div className="grid gap-6 lg:grid-cols-2">
        <Skeleton className="h-72" />
        <Skeleton className="h-72" />
      </div>
    </PageBody>
  );
}
