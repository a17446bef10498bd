import type { ReactNode } from 'react';
import { cn } from './cn.ts';
import { CopyButton } from './copy-button.tsx';

/**
 * Code to read and to copy. `code` is the plain text that the button copies; `children` the same text with colours (from a
 * highlighter on the server), or nothing.
 */
export function CodeBlock(props: {
  code: string;
  label: string;
  children?: ReactNode;
  className?: string | undefined;
}) {
  return (
    <div className={cn('group relative rounded-lg border bg-surface', props.className)}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take focus to be read by keyboard */}
      <section aria-label={props.label} className="overflow-x-auto rounded-lg" tabIndex={0}>
        <pre className="w-fit min-w-full p-4 font-mono text-xs leading-5">
          <code>{props.children ?? props.code}</code>
        </pre>
      </section>
      <CopyButton
        className="absolute top-2 right-2 bg-surface max-sm:opacity-100 sm:opacity-0 sm:focus-visible:opacity-100 sm:group-hover:opacity-100"
        label={`Copy: ${props.label}`}
        value={props.code}
      />
    </div>
  );
}
