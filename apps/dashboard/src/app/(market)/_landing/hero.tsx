import { Button, CopyButton } from '@bourse/ui';
import Link from 'next/link';
import type { ModelSummary } from '../../../data/catalog.ts';
import { keysPlace } from '../../../site/navigation.ts';
import { Board } from './board.tsx';

/** What Bourse is, the two ways on, and the market itself beside it. */
export function Hero({ apiUrl, models }: { apiUrl: string; models: readonly ModelSummary[] }) {
  return (
    <div className="grid grid-cols-1 items-center gap-x-14 gap-y-10 py-14 lg:grid-cols-[5fr_6fr] lg:py-20">
      <div>
        <h1 className="font-semibold text-3xl tracking-tight sm:text-4xl">
          One API for every model, at prices you can check.
        </h1>
        <p className="mt-4 max-w-lg text-pretty text-lg text-muted-foreground">
          Bourse is a marketplace for language models. One OpenAI-compatible endpoint, one key, one prepaid balance.
          Each request goes to a provider that can serve it, and each charge comes with its receipt.
        </p>
        <div className="mt-7 flex flex-wrap gap-2">
          <Button asChild size="lg" variant="primary">
            <Link href={keysPlace.href}>Get an API key</Link>
          </Button>
          <Button asChild size="lg">
            <Link href="/models">Browse models</Link>
          </Button>
        </div>
        <p className="mt-6 flex items-center gap-1 text-muted-foreground text-sm">
          <span className="text-subtle-foreground">Base URL</span>
          <code className="ml-1 truncate font-mono text-xs">{apiUrl}</code>
          <CopyButton label="Copy the base URL" value={apiUrl} />
        </p>
      </div>
      <Board models={models} />
    </div>
  );
}
