import NextLink from 'next/link';
import type { ComponentProps } from 'react';

/**
 * The link that tables and navigations of the design system are given. It does not prefetch: a table of fifty rows would otherwise
 * ask for fifty pages that nobody opens.
 */
export function AppLink(props: ComponentProps<typeof NextLink>) {
  return <NextLink prefetch={false} {...props} />;
}
