import { SegmentedNav } from '@bourse/ui';
import type { ReactNode } from 'react';
import { accountPlaces } from '../../site/navigation.ts';
import { AppLink } from '../link.tsx';
import { PageBody, PageHeader } from '../page.tsx';

type AccountPageProps = {
  title: string;
  /** The page's own place among those of the account. */
  href: string;
  description?: ReactNode;
  children: ReactNode;
};

/** A page of the signed-in part: its head, and the way to its neighbours. */
export function AccountPage({ title, href, description, children }: AccountPageProps) {
  const items = accountPlaces.map((place) => ({
    id: place.href,
    label: place.label,
    href: place.href,
    isCurrent: place.href === href,
  }));
  return (
    <PageBody>
      <PageHeader actions={<SegmentedNav items={items} label="Account" link={AppLink} />} title={title}>
        {description}
      </PageHeader>
      {children}
    </PageBody>
  );
}
