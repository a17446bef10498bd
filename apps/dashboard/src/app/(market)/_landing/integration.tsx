import Link from 'next/link';
import { CodeTabs } from '../../../components/code/code-tabs.tsx';
import { quickstartSamples } from '../../../site/code-samples.ts';

const points = [
  ['Keep your SDK.', 'The OpenAI libraries work as they are: change the base URL and the key, and name any model.'],
  [
    'Fall back before the first token.',
    'When an endpoint fails or is busy, the next one takes the request. You see one answer.',
  ],
  ['Know the cost at once.', 'Each answer says in its usage what it cost, and the same number stands in your books.'],
] as const;

/** The first call, in the language of the reader. `model` is null in an empty catalog: then there is nothing to call. */
export function Integration({ apiUrl, model }: { apiUrl: string; model: string | null }) {
  return (
    <section className="grid grid-cols-1 gap-x-14 gap-y-8 py-16 lg:grid-cols-[5fr_6fr]">
      <div>
        <h2 className="font-semibold text-2xl">Call it with what you have</h2>
        <dl className="mt-6 grid gap-5">
          {points.map(([title, text]) => (
            <div key={title}>
              <dt className="font-medium">{title}</dt>
              <dd className="max-w-md text-pretty text-muted-foreground">{text}</dd>
            </div>
          ))}
        </dl>
        <Link className="mt-6 inline-block text-accent-text hover:underline" href="/docs">
          Read the documentation
        </Link>
      </div>
      {model === null ? null : <CodeTabs samples={quickstartSamples({ apiUrl, model })} />}
    </section>
  );
}
