import { Skeleton } from '@bourse/ui';
import type { Metadata } from 'next';
import { notFound, redirect } from 'next/navigation';
import { Suspense } from 'react';
import { PageBody } from '../../../../components/page.tsx';
import { getModel, pageOfModel } from '../../../../data/catalog.ts';
import { endpointStatuses } from '../../../../data/gateway-status.ts';
import { EndpointTable } from './_components/endpoint-table.tsx';
import { HealthSection } from './_components/health-section.tsx';
import { ModelHeader } from './_components/model-header.tsx';
import { ModelQuickstart } from './_components/model-quickstart.tsx';
import { ModelUsageSection } from './_components/model-usage-section.tsx';
import { PriceHistorySection } from './_components/price-history-section.tsx';
import { modelSlugFrom } from './model-slug.ts';

type Params = { params: Promise<{ author: string; slug: string }> };

export async function generateMetadata({ params }: Params): Promise<Metadata> {
  const model = await getModel(modelSlugFrom(await params));
  return model ? { title: model.name, description: model.description } : { title: 'Not found' };
}

export default async function ModelPage({ params }: Params) {
  const name = modelSlugFrom(await params);
  const model = await getModel(name);
  if (!model) return leadOn(name);
  const statuses = await endpointStatuses(model.slug);
  return (
    <PageBody className="grid grid-cols-1 gap-10">
      <ModelHeader model={model} />
      <EndpointTable endpoints={model.endpoints} statuses={statuses} />
      <Suspense fallback={<Skeleton className="h-80 rounded-lg" />}>
        <HealthSection endpoints={model.endpoints} slug={model.slug} />
      </Suspense>
      <Suspense fallback={<Skeleton className="h-80 rounded-lg" />}>
        <PriceHistorySection modelSlug={model.slug} />
      </Suspense>
      <ModelQuickstart model={model} />
      <Suspense fallback={<Skeleton className="h-80 rounded-lg" />}>
        <ModelUsageSection modelSlug={model.slug} />
      </Suspense>
    </PageBody>
  );
}

/** Aliases, dated names and names with a suffix lead to the page of the model that they mean. */
async function leadOn(name: string): Promise<never> {
  const slug = await pageOfModel(name);
  if (slug === null) notFound();
  redirect(`/${slug}`);
}
