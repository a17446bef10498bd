import type { Metadata } from 'next';
import { PageBody } from '../../../components/page.tsx';
import { listModels } from '../../../data/catalog.ts';
import { publicApiUrl } from '../../../site/public-api.ts';
import { sampleModel } from '../_landing/sample-model.ts';
import { Authentication } from './_components/authentication.tsx';
import { DocsNav } from './_components/docs-nav.tsx';
import { Errors } from './_components/errors.tsx';
import { Pricing } from './_components/pricing.tsx';
import { Quickstart } from './_components/quickstart.tsx';
import { Reference } from './_components/reference.tsx';
import { Routing } from './_components/routing.tsx';
import { Streaming } from './_components/streaming.tsx';

export const metadata: Metadata = {
  title: 'Docs',
  description: 'Make the first call, stream, handle errors, and understand what a request costs.',
};

export default async function DocsPage() {
  // An empty catalog still has documentation: the samples then name the shape of a slug.
  const model = sampleModel(await listModels())?.slug ?? 'author/model';
  const call = { apiUrl: publicApiUrl(), model };
  return (
    <PageBody className="flex items-start gap-14">
      <DocsNav />
      <article className="grid min-w-0 max-w-3xl flex-1 grid-cols-1 gap-14">
        <Quickstart call={call} />
        <Authentication call={call} />
        <Streaming call={call} />
        <Routing call={call} />
        <Errors />
        <Pricing call={call} />
        <Reference call={call} />
      </article>
    </PageBody>
  );
}
