import { html } from 'hono/html';
import { type Markup, page } from './page/layout.ts';
import { FAULTS } from './providers/faults.ts';

/** What the home page tells. `url` is where this sandbox is reached. */
export type HomeFacts = {
  readonly url: string;
  readonly smtpPort: number | null;
  readonly hasStripe: boolean;
};

function providersCard(url: string): Markup {
  const curl = `curl ${url}/providers/acme/v1/chat/completions \\
  -H "Authorization: Bearer sk-sandbox-demo" \\
  -d '{"model":"atlas-1","stream":true,"messages":[{"role":"user","content":"Hello"}]}'`;
  return html`<section class="card stack" aria-labelledby="providers"><h2 id="providers">Providers, in the OpenAI dialect</h2>
<p>Any name works in place of <code>acme</code>, and any key that begins with <code>sk-sandbox</code>. The text depends on model, messages and seed alone.</p>
<pre><code>${curl}</code></pre>
<table class="cards"><tbody>
<tr><td><code>atlas-1</code></td><td>streams at a realistic pace</td></tr>
<tr><td><code>atlas-instant</code></td><td>any name with <code>instant</code> answers at once</td></tr>
<tr><td><code>atlas-reason</code></td><td>thinks aloud before it answers</td></tr>
<tr><td><code>atlas-tool</code></td><td>calls a tool whenever there is one</td></tr>
<tr><td><code>atlas-1-length-200</code></td><td>answers with exactly so many tokens</td></tr>
</tbody></table></section>`;
}

function faultsCard(): Markup {
  const rows = Object.entries(FAULTS).map(([name, { parameter, meaning }]) => {
    const shown = parameter === null ? name : `${name}-${parameter}`;
    return html`<tr><td><code>${shown}</code></td><td>${meaning}</td></tr>`;
  });
  return html`<section class="card stack" aria-labelledby="faults"><h2 id="faults">Faults on demand</h2>
<p>Put <code>fault-</code> and a name into the model (<code>atlas-1-fault-429</code>), send it as the header <code>x-sandbox-fault</code>, or order it for coming calls by <code>POST /_sandbox/faults</code> with <code>{provider, fault, rate, count}</code>. What was seen is counted in <a href="/_sandbox/stats">/_sandbox/stats</a>.</p>
<details><summary>All faults, each with the number it takes and its default</summary><table class="cards"><tbody>${rows}</tbody></table></details></section>`;
}

function stripeCard(): Markup {
  return html`<section class="card stack" aria-labelledby="stripe"><h2 id="stripe">Stripe</h2>
<p>A stateful part of Stripe's API at <code>/v1</code>, for the official SDK with <code>host</code>, <code>port</code> and <code>protocol</code> and any key that begins with <code>sk_test_</code>. Its checkout has a page to click, and its webhooks are signed. <a href="/_sandbox/stripe/state">Its state</a> is open to see; <code>POST /_sandbox/stripe/behaviour</code> makes webhooks come twice, late, lost or in the wrong order.</p></section>`;
}

function mailCard(smtpPort: number): Markup {
  return html`<section class="card stack" aria-labelledby="mail"><h2 id="mail">Mailbox</h2>
<p>Every mail sent to SMTP port <code>${smtpPort}</code> is kept here and goes nowhere else.</p>
<a class="button primary" href="/mailbox">Open the mailbox</a></section>`;
}

/** The page at `/`: what is simulated here, and how to use it. */
export function homePage({ url, smtpPort, hasStripe }: HomeFacts): Markup {
  const main = html`<div class="bar"><h1>The outside world, simulated</h1><span class="badge">Sandbox</span></div>
<div class="stack">
<p class="muted">Providers, payments and mail for a Bourse that has no keys yet. Nothing here costs anything or reaches anyone.</p>
${providersCard(url)}
${faultsCard()}
${hasStripe ? stripeCard() : ''}
${smtpPort === null ? '' : mailCard(smtpPort)}
</div>`;
  return page('Sandbox', 'narrow', main);
}
