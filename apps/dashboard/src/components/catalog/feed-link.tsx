import { Button } from '@bourse/ui';
import { Rss } from 'lucide-react';

/** Leads to a feed of what the page shows. */
export function FeedLink({ href }: { href: string }) {
  return (
    <Button asChild>
      <a href={href} type="application/rss+xml">
        <Rss aria-hidden /> RSS feed
      </a>
    </Button>
  );
}
