import { Card, Monogram } from '@bourse/ui';
import Link from 'next/link';
import { Day } from '../../../../components/format/ago.tsx';
import { catalogNames } from '../../../../data/catalog.ts';
import { newestModels } from '../../../../data/catalog-history.ts';

/** The models that their authors brought out last. */
export async function NewestModels() {
  const [models, names] = await Promise.all([newestModels(), catalogNames()]);
  return (
    <ul className="grid grid-cols-1 gap-3 sm:grid-cols-2 lg:grid-cols-3">
      {models.map((model) => (
        <li key={model.slug}>
          <Card className="h-full">
            <Link
              className="group flex h-full gap-3 rounded-lg p-4 transition-colors hover:bg-hover/60"
              href={`/${model.slug}`}
              prefetch={false}
            >
              <Monogram name={names.author(model.authorSlug)} />
              <span className="min-w-0">
                <span className="block truncate font-medium group-hover:underline">{names.model(model.slug)}</span>
                <span className="block text-subtle-foreground text-xs">
                  {names.author(model.authorSlug)} · <Day date={model.releasedOn ?? model.listedAt} />
                </span>
                <span className="mt-1 line-clamp-2 text-muted-foreground text-sm">{model.description}</span>
              </span>
            </Link>
          </Card>
        </li>
      ))}
    </ul>
  );
}
