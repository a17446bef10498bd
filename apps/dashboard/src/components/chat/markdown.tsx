import { CodeBlock, cn } from '@bourse/ui';
import type { ComponentProps } from 'react';
import Markdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';

const plugins = [remarkGfm];

/**
 * What a model wrote, as Markdown. Raw HTML stays text, and images are not loaded: a model that has read a hostile page could otherwise
 * carry the conversation away in the address of a picture.
 */
export function ModelMarkdown({ text }: { text: string }) {
  return (
    <div className="grid min-w-0 gap-3 text-pretty break-words leading-6">
      <Markdown components={components} remarkPlugins={plugins}>
        {text}
      </Markdown>
    </div>
  );
}

const components: Components = {
  a: ({ node: _, className, ...props }) => (
    <a
      className={cn('text-accent-text underline underline-offset-2', className)}
      rel="noopener noreferrer nofollow"
      target="_blank"
      {...props}
    />
  ),
  img: ({ src, alt }) => <ImageNote alt={alt} src={src} />,
  pre: ({ node }) => <CodeBlock code={codeIn(node)} label="Code" />,
  code: ({ node: _, className, ...props }) => (
    <code className={cn('rounded-xs bg-inset px-1 py-px font-mono text-[0.9em]', className)} {...props} />
  ),
  h1: ({ node: _, ...props }) => <h3 className="font-semibold text-lg" {...props} />,
  h2: ({ node: _, ...props }) => <h3 className="font-semibold text-base" {...props} />,
  h3: ({ node: _, ...props }) => <h4 className="font-medium text-base" {...props} />,
  ul: ({ node: _, ...props }) => <ul className="grid list-disc gap-1 pl-5 marker:text-subtle-foreground" {...props} />,
  ol: ({ node: _, ...props }) => (
    <ol className="grid list-decimal gap-1 pl-5 marker:text-subtle-foreground" {...props} />
  ),
  blockquote: ({ node: _, ...props }) => (
    <blockquote className="border-line-strong border-l-2 pl-3 text-muted-foreground" {...props} />
  ),
  hr: () => <hr />,
  table: ({ node: _, ...props }) => (
    <div className="overflow-x-auto rounded-md border">
      <table className="w-full border-collapse text-sm" {...props} />
    </div>
  ),
  th: ({ node: _, ...props }) => <th className="border-b bg-inset px-3 py-1.5 text-left font-medium" {...props} />,
  td: ({ node: _, ...props }) => <td className="border-b px-3 py-1.5 align-top" {...props} />,
};

type PreNode = Parameters<Extract<Components['pre'], (...props: never[]) => unknown>>[0]['node'];

/** A block of code is one element with one piece of text in it. */
function codeIn(pre: PreNode): string {
  const [code] = pre?.children ?? [];
  const [text] = code?.type === 'element' ? code.children : [];
  return text?.type === 'text' ? text.value.replace(/\n$/, '') : '';
}

function ImageNote({ src, alt }: Pick<ComponentProps<'img'>, 'src' | 'alt'>) {
  return (
    <span className="text-subtle-foreground text-sm">
      [image{alt ? `: ${alt}` : ''}
      {typeof src === 'string' && src !== '' ? ` at ${src}` : ''}, not loaded]
    </span>
  );
}
