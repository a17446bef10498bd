import Link from 'next/link';

const audiences = [
  {
    title: 'People',
    text: 'Sign in with an e-mail address, buy credits, and talk to any model in the chat. Activity shows each answer with what it cost.',
    href: '/chat',
    action: 'Open the chat',
  },
  {
    title: 'Developers',
    text: 'One endpoint for every model, keys with limits of their own, and a sandbox of models that fail on demand, to test how your program takes it.',
    href: '/docs',
    action: 'Start with the quickstart',
  },
  {
    title: 'Operators',
    text: 'Run the whole market yourself with one command, with your own provider keys and markup, on a database that can be audited to the last nanodollar.',
    href: '/rankings',
    action: 'See a market at work',
  },
] as const;

/** Whom it is for. */
export function Audiences() {
  return (
    <section aria-label="Who Bourse is for" className="border-t py-16">
      <h2 className="font-semibold text-2xl">Three ways to use it</h2>
      <div className="mt-6 grid grid-cols-1 gap-px overflow-hidden rounded-lg border bg-line md:grid-cols-3">
        {audiences.map(({ title, text, href, action }) => (
          <div className="flex flex-col bg-surface p-5" key={title}>
            <h3 className="font-medium text-base">{title}</h3>
            <p className="mt-1 mb-4 text-pretty text-muted-foreground">{text}</p>
            <Link className="mt-auto text-accent-text hover:underline" href={href}>
              {action}
            </Link>
          </div>
        ))}
      </div>
    </section>
  );
}
