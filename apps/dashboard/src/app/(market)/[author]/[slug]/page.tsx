import { Skeleton } from '@bourse/ui';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Suspense } from 'react';
import { PageBody } from '../../../../components/page.tsx';
import { getModel } from '../../../../data/catalog.ts';
import { EndpointTable } from './_components/endpoint-table.tsx';
import { ModelHeader } from './_components/model-header.tsx';
import { ModelQuickstart } from './_components/model-quickstart.tsx';
import { ModelUsageSection } from './_components/model-usage-section.tsx';
import { modelSlugFrom } from './model-slug.ts';

type Params = { params: Promise<{ author: string; slug: string }> };

export async function generateMetadata({ params }: Params): Promise<Metadata> {
  const model = await getModel(modelSlugFrom(await params));
  return model ? { title: model.name, description: model.description } : { title: 'Not found' };
}

export default async function ModelPage({ params }: Params) {
  const model = await getModel(modelSlugFrom(await params));
  if (!model) notFound();
  return (
    <PageBody className="grid grid-cols-1 gap-10">
      <ModelHeader model={model} />
      <EndpointTable endpoints={model.endpoints} />
      <ModelQuickstart model={model} />
      <Suspense fallback={<Skeleton className="h-80 rounded-lg" />}>
        <ModelUsageSection modelSlug={model.slug} />
      </Suspense>
    </PageBody>
  );
}
