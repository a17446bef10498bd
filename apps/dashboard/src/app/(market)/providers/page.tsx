import { Card, EmptyState } from '@bourse/ui';
import { Building2 } from 'lucide-react';
import type { Metadata } from 'next';
import { PageBody, PageHeader } from '../../../components/page.tsx';
import { listProviders } from '../../../data/providers.ts';
import { ProviderTable } from './_components/provider-table.tsx';

export const metadata: Metadata = {
  title: 'Providers',
  description:
    'The companies whose APIs Bourse calls, their models, their terms, and whether they can be reached here.',
};

export default async function ProvidersPage() {
  const providers = await listProviders();
  return (
    <PageBody>
      <PageHeader title="Providers">
        The companies whose APIs Bourse calls. “Available” ones are configured on this market; the others are listed
        with their prices and cannot be called here.
      </PageHeader>
      <Card>
        <ProviderTable
          empty={
            <EmptyState icon={Building2} title="No providers">
              The catalog is empty. `pnpm db:seed` loads the maintained catalog.
            </EmptyState>
          }
          providers={providers}
        />
      </Card>
    </PageBody>
  );
}
