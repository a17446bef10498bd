'use client';

import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, type ButtonProps } from './button.tsx';

const CONFIRMATION_MS = 1600;

/**
 * Copies `value` and says so for a moment, also to screen readers. Where the browser forbids the clipboard (plain http on another
 * host) it selects nothing and says that it could not.
 */
export function CopyButton({ value, label, children, ...props }: ButtonProps & { value: string; label: string }) {
  const [outcome, setOutcome] = useState<'copied' | 'refused' | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), CONFIRMATION_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(value);
      setOutcome('copied');
    } catch {
      setOutcome('refused'); // Not an error of ours: the browser decides who may write to the clipboard.
    }
  }

  return (
    <Button aria-label={label} onClick={copy} size="icon-sm" title={label} variant="ghost" {...props}>
      {outcome === 'copied' ? <Check aria-hidden className="text-accent-text" /> : <Copy aria-hidden />}
      {children}
      <span className="sr-only" role="status">
        {outcome === 'copied' ? 'Copied' : outcome === 'refused' ? 'The browser refused to copy' : ''}
      </span>
    </Button>
  );
}
