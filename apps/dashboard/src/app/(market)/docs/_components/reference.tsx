import { Code } from '../../../../components/code/code.tsx';
import type { Call } from '../../../../site/code-samples.ts';
import { DocsSection, Prose, Term } from './docs-section.tsx';

/** Where the rest is written, and how to appear in the rankings. */
export function Reference({ call }: { call: Call }) {
  return (
    <DocsSection id="reference" title="Reference">
      <Prose>
        Every route, field and status is in the{' '}
        <a className="text-accent-text hover:underline" href="/api/v1/openapi.json">
          OpenAPI document
        </a>
        , which is generated from the gateway’s own schemas. The catalog is public, without a key:
      </Prose>
      <Code
        code={`curl ${call.apiUrl}/models\ncurl ${call.apiUrl}/models/${call.model}/endpoints\ncurl ${call.apiUrl}/providers`}
        label="Read the catalog"
        language="bash"
      />
      <Prose>
        To have your application named in the rankings, send its address as <Term>HTTP-Referer</Term> and its name as{' '}
        <Term>X-Title</Term>. Without them your requests count for the models and for no app.
      </Prose>
    </DocsSection>
  );
}
