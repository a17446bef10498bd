import { Code } from '../../../../components/code/code.tsx';
import type { Call } from '../../../../site/code-samples.ts';
import { DocsSection, Prose, Term } from './docs-section.tsx';

/** How an endpoint is chosen, and how to have a say in it. */
export function Routing({ call }: { call: Call }) {
  return (
    <DocsSection id="routing" title="Routing and fallbacks">
      <Prose>
        A model has one endpoint per provider that sells it. Endpoints that lack something your request needs are left
        out. Of the rest, cheaper ones are chosen more often and failing ones come last. When an endpoint fails before
        its first token the next one takes over; you pay only for the answer that you get.
      </Prose>
      <Code
        code={`{
  "model": "${call.model}",
  "models": ["${call.model}", "sandbox/atlas-1"],
  "messages": [{ "role": "user", "content": "What is a bourse?" }],
  "provider": {
    "sort": "price",
    "ignore": ["some-provider"],
    "allow_fallbacks": true
  }
}`}
        label="A request with fallbacks and preferences"
        language="json"
      />
      <Prose>
        <Term>models</Term> names further models to try, in order. <Term>provider.order</Term> and{' '}
        <Term>provider.only</Term> take the slugs that a model’s page lists; <Term>provider.sort</Term> replaces the
        weighted choice by a strict order.
      </Prose>
    </DocsSection>
  );
}
