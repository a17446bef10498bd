import { Code } from '../../../../components/code/code.tsx';
import { type Call, streamingSample } from '../../../../site/code-samples.ts';
import { DocsSection, Prose, Term } from './docs-section.tsx';

/** Server-sent events. */
export function Streaming({ call }: { call: Call }) {
  return (
    <DocsSection id="streaming" title="Streaming">
      <Prose>
        With <Term>stream: true</Term> the answer comes as server-sent events, a chunk at a time, and ends with{' '}
        <Term>[DONE]</Term>. Lines that begin with a colon are comments that keep the connection alive; every SSE parser
        skips them. The chunk before the end carries the usage with its cost: you need not ask for it.
      </Prose>
      <Code code={streamingSample(call)} label="Streaming in TypeScript" language="typescript" />
      <Prose>
        When you hang up, the request to the provider is cancelled too. A failure after the first token arrives inside
        the stream, as a chunk with an <Term>error</Term> and the finish reason <Term>error</Term>; the status is spent
        by then.
      </Prose>
    </DocsSection>
  );
}
