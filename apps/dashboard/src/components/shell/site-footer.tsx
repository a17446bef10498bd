import Link from 'next/link';
import { accountPlaces, mainPlaces, newsPlace, type Place } from '../../site/navigation.ts';
import { LogoMark } from './logo.tsx';

const developerPlaces: readonly Place[] = [
  { href: '/docs#quickstart', label: 'Quickstart' },
  { href: '/docs#errors', label: 'Errors' },
  { href: '/docs#pricing', label: 'Pricing' },
  { href: '/api/v1/openapi.json', label: 'OpenAPI document' },
];

/** The end of every page. */
export function SiteFooter() {
  return (
    <footer className="mt-auto border-t">
      <div className="mx-auto flex max-w-(--page-width) flex-wrap justify-between gap-x-16 gap-y-8 px-4 py-10 sm:px-6">
        <div className="max-w-64 text-muted-foreground text-sm">
          <LogoMark className="mb-3 size-5 text-foreground" />
          <p>One API for every model, with prices that anyone can check. Free software under Apache-2.0.</p>
        </div>
        <div className="flex flex-wrap gap-x-16 gap-y-8">
          <FooterColumn places={[...mainPlaces, newsPlace]} title="Market" />
          <FooterColumn places={developerPlaces} title="Developers" />
          <FooterColumn places={accountPlaces} title="Account" />
        </div>
      </div>
    </footer>
  );
}

function FooterColumn({ title, places }: { title: string; places: readonly Place[] }) {
  return (
    <nav aria-label={title}>
      <h2 className="mb-2 font-medium text-sm tracking-normal">{title}</h2>
      <ul className="grid gap-1.5">
        {places.map(({ href, label }) => (
          <li key={href}>
            <Link
              className="rounded-sm text-muted-foreground text-sm hover:text-foreground"
              href={href}
              prefetch={false}
            >
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
