import { Button, EmptyState } from '@bourse/ui';
import { Compass } from 'lucide-react';
import type { Metadata } from 'next';
import Link from 'next/link';
import { PageBody } from '../components/page.tsx';

export const metadata: Metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <PageBody className="py-20">
      <h1 className="sr-only">Not found</h1>
      <EmptyState
        action={
          <>
            <Button asChild variant="primary">
              <Link href="/models">Browse models</Link>
            </Button>
            <Button asChild>
              <Link href="/">Home</Link>
            </Button>
          </>
        }
        icon={Compass}
        title="There is nothing at this address"
      >
        The model may have been renamed, or the link is broken. Search finds models by any part of their name.
      </EmptyState>
    </PageBody>
  );
}
