import { Button, EmptyState } from '@bourse/ui';
import { MessageSquare } from 'lucide-react';
import Link from 'next/link';
import { signInHref } from '../../site/navigation.ts';
import { PageBody } from '../page.tsx';

/** What a visitor sees; `path` is where they come back to. */
export function SignInToChat({ path }: { path: string }) {
  return (
    <PageBody>
      <h1 className="sr-only">Chat</h1>
      <EmptyState
        action={
          <Button asChild variant="primary">
            <Link href={signInHref(path)}>Sign in to chat</Link>
          </Button>
        }
        className="py-32"
        icon={MessageSquare}
        title="Talk to any model"
      >
        The chat pays from your credits and shows what each answer cost. Conversations stay in your browser.
      </EmptyState>
    </PageBody>
  );
}

/** What stands where the catalog is empty. */
export function NobodyToTalkTo() {
  return (
    <PageBody>
      <h1 className="sr-only">Chat</h1>
      <EmptyState className="py-32" icon={MessageSquare} title="There is nobody to talk to">
        No models have been loaded into the database yet. `pnpm db:seed` loads the maintained catalog.
      </EmptyState>
    </PageBody>
  );
}
