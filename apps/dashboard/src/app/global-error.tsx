'use client';

import './globals.css';

/** The last resort, when even the shell failed: no design system, no data, only a way on. */
export default function GlobalError({ retry }: { error: unknown; retry: () => void }) {
  return (
    <html lang="en">
      <body className="grid min-h-dvh place-content-center gap-3 text-center">
        <title>Bourse could not be loaded</title>
        <h1 className="font-semibold text-xl">Bourse could not be loaded</h1>
        <p className="text-muted-foreground">Something failed on our side. Try again in a moment.</p>
        <button className="mx-auto underline" onClick={retry} type="button">
          Try again
        </button>
      </body>
    </html>
  );
}
