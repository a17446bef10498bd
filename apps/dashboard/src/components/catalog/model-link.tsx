import { Monogram } from '@bourse/ui';
import Link from 'next/link';

/** A model in a table: its author's sign, its name, and the author's name below where there is room for two lines. */
export function ModelLink(props: { slug: string; name: string; authorName: string; hasAuthorLine?: boolean }) {
  return (
    <Link className="group flex min-w-0 items-center gap-2.5 rounded-sm" href={`/${props.slug}`} prefetch={false}>
      <Monogram name={props.authorName} size={props.hasAuthorLine ? 'md' : 'sm'} />
      <span className="min-w-0">
        <span className="block truncate font-medium group-hover:underline">{props.name}</span>
        {props.hasAuthorLine ? (
          <span className="block truncate text-subtle-foreground text-xs">{props.authorName}</span>
        ) : null}
      </span>
    </Link>
  );
}
