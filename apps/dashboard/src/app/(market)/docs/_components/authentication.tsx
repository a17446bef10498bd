import { Code } from '../../../../components/code/code.tsx';
import type { Call } from '../../../../site/code-samples.ts';
import { DocsSection, Prose, Term } from './docs-section.tsx';

/** Keys. */
export function Authentication({ call }: { call: Call }) {
  return (
    <DocsSection id="authentication" title="Authentication">
      <Prose>
        Every request carries a key as a bearer token. Keys begin with <Term>sk-brs-v1-</Term> and end with a checksum,
        so that a mistyped one is told apart from a revoked one. A key is shown once, when it is made; we keep only its
        hash. It spends the credits of the organization that made it, up to a limit of its own if you set one, and stops
        working within seconds of being revoked.
      </Prose>
      <Code
        code={`curl ${call.apiUrl}/key \\\n  -H "Authorization: Bearer $BOURSE_API_KEY"`}
        label="Ask what a key may do"
        language="bash"
      />
      <Prose>
        Keys belong on servers. Whoever has one can spend your credits: do not put it into a page or an app that others
        can open.
      </Prose>
    </DocsSection>
  );
}
