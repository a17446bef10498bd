import { Card } from '@bourse/ui';
import type { Metadata } from 'next';
import { currentTime } from '../../../../clock.ts';
import { AccountPage } from '../../../../components/account/account-page.tsx';
import { CreateKeyButton } from '../../../../components/keys/create-key-dialog.tsx';
import { KeyTable } from '../../../../components/keys/key-table.tsx';
import { Section } from '../../../../components/page.tsx';
import { listKeys } from '../../../../data/keys.ts';
import { requireSession } from '../../../../data/session.ts';

export const metadata: Metadata = { title: 'API keys' };

const path = '/settings/keys';

export default async function KeysPage() {
  const keys = await listKeys(await requireSession());
  return (
    <AccountPage href={path} title="API keys">
      <Section
        // In one place whether there are keys or not: its window shows the only copy of a key while the list behind it is renewed.
        actions={<CreateKeyButton />}
        description="Amounts in US dollars. Days begin at 00:00 UTC."
        title={keys.length === 1 ? '1 key' : `${keys.length} keys`}
      >
        <Card>
          <KeyTable keys={keys} now={currentTime()} />
        </Card>
      </Section>
    </AccountPage>
  );
}
