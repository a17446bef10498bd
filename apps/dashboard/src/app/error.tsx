'use client';

import { Button, ErrorState } from '@bourse/ui';
import { CloudOff } from 'lucide-react';
import { PageBody } from '../components/page.tsx';

/** What a page shows when it failed. Server errors arrive here masked; their digest finds them in the log. */
export default function PageError({ error, retry }: { error: unknown; retry: () => void }) {
  const digest = error instanceof Error && 'digest' in error ? String(error.digest) : null;
  return (
    <PageBody className="py-20">
      <h1 className="sr-only">Something failed</h1>
      <ErrorState
        action={
          <Button onClick={retry} variant="primary">
            Try again
          </Button>
        }
        icon={CloudOff}
        title="This page could not be loaded"
      >
        Something failed on our side. Nothing was charged.
        {digest ? <span className="mt-1 block font-mono text-xs">Reference {digest}</span> : null}
      </ErrorState>
    </PageBody>
  );
}
