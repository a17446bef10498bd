import { cn, Monogram } from '@bourse/ui';
import Link from 'next/link';

type ModelLinkProps = {
  slug: string;
  name: string;
  authorName: string;
  /** Where the author's name stands, if anywhere: names of models are short ("V4 Pro") and say little alone. */
  author?: 'below' | 'beside';
};

/** A model in a table: its author's sign, its name, and its author. */
export function ModelLink({ slug, name, authorName, author }: ModelLinkProps) {
  return (
    <Link className="group flex min-w-0 items-center gap-2.5 rounded-sm" href={`/${slug}`} prefetch={false}>
      <Monogram name={authorName} size={author === 'below' ? 'md' : 'sm'} />
      <span className={cn('min-w-0', author === 'beside' && 'flex flex-wrap items-baseline gap-x-2')}>
        <span className="block truncate font-medium group-hover:underline">{name}</span>
        {author ? <span className="block truncate text-subtle-foreground text-xs">{authorName}</span> : null}
      </span>
    </Link>
  );
}
