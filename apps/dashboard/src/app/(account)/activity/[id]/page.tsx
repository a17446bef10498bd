import { isGenerationId } from '@bourse/ids';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { PageBody } from '../../../../components/page.tsx';
import { findGeneration } from '../../../../data/activity.ts';
import { catalogNames } from '../../../../data/catalog.ts';
import { keyNames } from '../../../../data/keys.ts';
import { requireSession } from '../../../../data/session.ts';
import { GenerationReport } from './_components/generation-report.tsx';

export const metadata: Metadata = { title: 'Generation' };

export default async function GenerationPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  if (!isGenerationId(id)) notFound();
  const session = await requireSession();
  const [generation, names, keys] = await Promise.all([findGeneration(session, id), catalogNames(), keyNames(session)]);
  if (generation === null) notFound();
  return (
    <PageBody>
      <GenerationReport generation={generation} keyName={keys.get(generation.apiKeyId) ?? null} names={names} />
    </PageBody>
  );
}
