import { ThemeProvider, Toaster, themeColors } from '@bourse/ui';
import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import type { ReactNode } from 'react';
import { DemoRibbon } from '../components/shell/demo-ribbon.tsx';
import { SiteFooter } from '../components/shell/site-footer.tsx';
import { SiteHeader } from '../components/shell/site-header.tsx';
import { isDemoMarket } from '../data/market.ts';
import { currentViewer } from '../data/viewer.ts';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Bourse: one API for every model', template: '%s · Bourse' },
  description:
    'A marketplace for language models: one OpenAI-compatible endpoint, open prices, usage that anyone can see.',
};

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: themeColors.light },
    { media: '(prefers-color-scheme: dark)', color: themeColors.dark },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [requestHeaders, isDemo, viewer] = await Promise.all([headers(), isDemoMarket(), currentViewer()]);
  return (
    <html className={`${GeistSans.variable} ${GeistMono.variable}`} lang="en" suppressHydrationWarning>
      <body className="flex min-h-dvh flex-col">
        <ThemeProvider nonce={requestHeaders.get('x-nonce') ?? undefined}>
          <NuqsAdapter>
            <a className="skip-link" href="#content">
              Skip to content
            </a>
            {isDemo ? <DemoRibbon /> : null}
            <SiteHeader viewer={viewer} />
            <main className="flex-1" id="content" tabIndex={-1}>
              {children}
            </main>
            <SiteFooter />
            <Toaster />
          </NuqsAdapter>
        </ThemeProvider>
      </body>
    </html>
  );
}
