import { html } from 'hono/html';
import { type Markup, page } from '../page/layout.ts';
import type { LineItem, SessionRecord } from './store.ts';

/** What the form shows: the test card at first, then what was typed and why it was refused. */
export type CheckoutForm = {
  readonly email: string;
  readonly name: string;
  readonly number: string;
  readonly expiry: string;
  readonly cvc: string;
  readonly refusal?: string;
};

/** The card that always works, so that trying a payment takes one click. */
export const TEST_CARD = { number: '4242 4242 4242 4242', expiry: '12 / 40', cvc: '123' } as const;

/** `1250` in `usd` is `$12.50`; currencies without a smaller unit are not divided. */
export function formatAmount(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
}

function lineMarkup(line: LineItem): Markup {
  const each = formatAmount(line.amount_total / line.quantity, line.currency);
  const count = line.quantity === 1 ? '' : html`<div class="small muted">${line.quantity} × ${each}</div>`;
  return html`<li><div>${line.description}${count}</div><div>${formatAmount(line.amount_total, line.currency)}</div></li>`;
}

function summary({ session, lineItems, merchant }: SessionRecord): Markup {
  const total = formatAmount(session.amount_total ?? 0, session.currency ?? 'usd');
  return html`<section aria-labelledby="summary" class="stack">
<div class="stack-tight"><h1 id="summary">Pay ${merchant}</h1><p class="amount">${total}</p></div>
<div><ul class="lines">${lineItems.map(lineMarkup)}</ul><p class="total"><span>Total due</span><span>${total}</span></p></div>
<p class="small muted">This is a simulated checkout. No bank is asked and no money moves.</p>
</section>`;
}

function testCards(): Markup {
  return html`<details><summary>Other test cards</summary>
<table class="cards"><tbody>
<tr><td>4242 4242 4242 4242</td><td>is approved</td></tr>
<tr><td>4000 0000 0000 0002</td><td>is declined</td></tr>
<tr><td>4000 0000 0000 9995</td><td>has insufficient funds</td></tr>
<tr><td>4000 0000 0000 0069</td><td>has expired</td></tr>
<tr><td>4000 0000 0000 0127</td><td>has a wrong security code</td></tr>
</tbody></table></details>`;
}

function fields(form: CheckoutForm): Markup {
  const state = form.refusal === undefined ? '' : html` aria-invalid="true" aria-describedby="refusal"`;
  return html`<div><label for="email">Email</label>
<input id="email" name="email" type="email" required autocomplete="email" maxlength="512" value="${form.email}"></div>
<fieldset class="stack"><legend>Card</legend>
<div><label for="number">Card number</label>
<input id="number" name="number" inputmode="numeric" required autocomplete="cc-number" maxlength="32" value="${form.number}"${state}></div>
<div class="pair">
<div><label for="expiry">Expiry (MM / YY)</label>
<input id="expiry" name="expiry" inputmode="numeric" required autocomplete="cc-exp" maxlength="9" value="${form.expiry}"></div>
<div><label for="cvc">Security code</label>
<input id="cvc" name="cvc" inputmode="numeric" required autocomplete="cc-csc" maxlength="4" value="${form.cvc}"></div>
</div>
<div><label for="name">Name on card <span class="muted">(optional)</span></label>
<input id="name" name="name" autocomplete="cc-name" maxlength="256" value="${form.name}"></div>
</fieldset>`;
}

/** The page of an open session: what is bought, and the form to pay. Works without JavaScript. */
export function openPage(record: SessionRecord, form: CheckoutForm): Markup {
  const { session, id } = record;
  const total = formatAmount(session.amount_total ?? 0, session.currency ?? 'usd');
  const refusal =
    form.refusal === undefined ? '' : html`<p id="refusal" class="notice bad" role="alert">${form.refusal}</p>`;
  const cancel =
    session.cancel_url === null ? '' : html`<a class="button quiet" href="${session.cancel_url}">Cancel</a>`;
  const main = html`<div class="bar"><span class="badge">Sandbox: simulated payment</span></div>
<div class="columns">
${summary(record)}
<form class="card stack" method="post" action="/stripe/checkout/${id}" aria-label="Payment">
${refusal}
${fields(form)}
${testCards()}
<div class="stack-buttons"><button class="primary" type="submit">Pay ${total}</button>
${cancel}</div>
</form>
</div>`;
  return page(`Pay ${record.merchant} (sandbox)`, 'wide', main);
}

/** A page that says one thing and leads one way. */
function statePage(title: string, text: string, way: Markup | ''): Markup {
  const main = html`<div class="bar"><span class="badge">Sandbox: simulated payment</span></div>
<section class="card stack"><h1>${title}</h1><p>${text}</p>${way}</section>`;
  return page(`${title} (sandbox)`, 'narrow', main);
}

/** The page of a session that is paid. `successUrl` has the session's id filled in. */
export function paidPage(record: SessionRecord, successUrl: string | null): Markup {
  const { session, merchant } = record;
  const total = formatAmount(session.amount_total ?? 0, session.currency ?? 'usd');
  const way = successUrl === null ? '' : html`<a class="button primary" href="${successUrl}">Return to ${merchant}</a>`;
  return statePage('This payment is done', `${total} were paid to ${merchant}. You will not be charged again.`, way);
}

/** The page of a session whose time is over. */
export function expiredPage({ session, merchant }: SessionRecord): Markup {
  const way =
    session.cancel_url === null
      ? ''
      : html`<a class="button primary" href="${session.cancel_url}">Return to ${merchant}</a>`;
  return statePage('This checkout has expired', 'Nothing was charged. Start again from where you came from.', way);
}

/** The page for an id that names no session. */
export function unknownPage(): Markup {
  return statePage('There is no such checkout', 'The link is incomplete, or the sandbox has forgotten it.', '');
}
