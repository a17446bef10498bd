import { html } from 'hono/html';
import { type Markup, page } from '../page/layout.ts';
import type { Mail } from './mailbox.ts';

function timeMarkup(receivedAt: string): Markup {
  const shown = `${receivedAt.slice(0, 10)} ${receivedAt.slice(11, 19)} UTC`;
  return html`<time datetime="${receivedAt}">${shown}</time>`;
}

function rowMarkup(mail: Mail): Markup {
  return html`<li><a href="/mailbox/${mail.id}">
<div class="row"><strong>${mail.subject}</strong><span class="small muted">${timeMarkup(mail.receivedAt)}</span></div>
<div class="row small muted"><span>to ${mail.to.join(', ')}</span></div>
</a></li>`;
}

/** The list of mails, with a field to see only those to one address. */
export function listPage(mails: readonly Mail[], to: string): Markup {
  const nothing =
    to === ''
      ? 'No mail has arrived yet.'
      : html`No mail to ${to} has arrived yet. <a href="/mailbox">Show all mails</a>`;
  const list =
    mails.length === 0
      ? html`<p class="card muted">${nothing}</p>`
      : html`<div class="card flush"><ul class="mails">${mails.map(rowMarkup)}</ul></div>`;
  const main = html`<div class="bar"><h1>Mailbox</h1><span class="badge">Sandbox: no mail leaves this machine</span></div>
<div class="stack">
<form method="get" action="/mailbox" role="search"><label for="to">Only mails to</label>
<div class="search"><input id="to" name="to" type="email" value="${to}" autocomplete="off" placeholder="ada@example.com"><button class="quiet" type="submit">Show</button></div></form>
${list}
</div>`;
  return page('Mailbox (sandbox)', 'narrow', main);
}

/** The document inside the frame: the mail's own HTML, whose links open outside of the frame. */
function frameDocument(mailHtml: string): string {
  return `<base target="_blank">${mailHtml}`;
}

function bodyMarkup(mail: Mail): Markup {
  if (mail.html === null) return html`<div class="card"><p class="plain">${mail.text}</p></div>`;
  // Without `allow-scripts` and `allow-same-origin` nothing in the mail can run or reach this page.
  return html`<iframe title="The mail's content" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${frameDocument(mail.html)}"></iframe>`;
}

/** One mail: who, what, its links to click, its content. */
export function mailPage(mail: Mail): Markup {
  const links =
    mail.links.length === 0
      ? ''
      : html`<section class="card stack-tight" aria-labelledby="links"><h2 id="links">Links in this mail</h2>
<ul class="links">${mail.links.map((link) => html`<li><a href="${link}" rel="noreferrer">${link}</a></li>`)}</ul></section>`;
  const main = html`<div class="bar"><a href="/mailbox">All mails</a><span class="badge">Sandbox: no mail leaves this machine</span></div>
<article class="stack">
<h1>${mail.subject}</h1>
<dl class="facts small"><dt>From</dt><dd>${mail.from}</dd><dt>To</dt><dd>${mail.to.join(', ')}</dd><dt>At</dt><dd>${timeMarkup(mail.receivedAt)}</dd></dl>
${links}
${bodyMarkup(mail)}
</article>`;
  return page(`${mail.subject} (sandbox mail)`, 'narrow', main);
}

/** The page for an id that names no mail. */
export function unknownMailPage(): Markup {
  const main = html`<section class="card stack"><h1>There is no such mail</h1>
<p>The mailbox keeps the last 500 mails, until the sandbox stops.</p><a class="button primary" href="/mailbox">All mails</a></section>`;
  return page('No such mail (sandbox)', 'narrow', main);
}
