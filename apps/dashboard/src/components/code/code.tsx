import { CodeBlock } from '@bourse/ui';
import { type CodeLanguage, highlight } from './highlight.ts';

/** Code in colours, highlighted on the server; `label` names it for the copy button and for screen readers. */
export async function Code(props: { code: string; language: CodeLanguage; label: string; className?: string }) {
  const lines = await highlight(props.code, props.language);
  let offset = 0;
  return (
    <CodeBlock className={props.className} code={props.code} label={props.label}>
      {lines.map((line, index) => {
        const lineOffset = offset;
        offset += line.reduce((sum, token) => sum + token.content.length, 1);
        return (
          <span key={lineOffset}>
            {line.map((token) => (
              <span key={token.offset} style={token.color ? { color: token.color } : undefined}>
                {token.content}
              </span>
            ))}
            {index < lines.length - 1 ? '\n' : null}
          </span>
        );
      })}
    </CodeBlock>
  );
}
