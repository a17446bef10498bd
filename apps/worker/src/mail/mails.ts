import type { TopupRecord } from '@bourse/db';
import { formatUsd, type Nanodollars, nanodollarsFromCents } from '@bourse/money';

/** What a mail says. Plain text, and nothing in it that a user has typed: names would let anybody send their words under ours. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** Dollars with at least two decimals: $5.00, $1.995. */
function usd(amount: Nanodollars): string {
  const [whole = '0', fraction = ''] = formatUsd(amount).split('.');
  return `$${whole}.${fraction.padEnd(2, '0')}`;
}

/** Says that credits run low, and what happens when there are none. */
export function lowBalanceMail(facts: {
  readonly posted: Nanodollars;
  readonly threshold: Nanodollars;
  readonly dashboardUrl: string;
}): MailText {
  return {
    subject: `Your Bourse credits are below ${usd(facts.threshold)}`,
    text: [
      `Your organization has ${usd(facts.posted)} of credits left.`,
      '',
      'When they are used up, requests are answered with status 402 until credits are added:',
      `${facts.dashboardUrl}/settings/credits`,
      '',
      'This notice is sent once each time the credits fall below the threshold.',
      '',
    ].join('\n'),
  };
}

/** Tells operators what they should look at. */
export function operatorNoticeMail({
  subject,
  detail,
}: {
  readonly subject: string;
  readonly detail: string;
}): MailText {
  return {
    subject: `Bourse needs an operator: ${subject}`,
    text: [detail, '', 'This notice is sent once each time that it begins.', ''].join('\n'),
  };
}

/** The receipt of a purchase. */
export function topupMail(topup: TopupRecord, dashboardUrl: string): MailText {
  const cents = (amount: number): string => usd(nanodollarsFromCents(amount));
  return {
    subject: `Receipt: ${cents(topup.amountCents)} of Bourse credits`,
    text: [
      'Thank you. These credits are yours to spend:',
      '',
      `Credits    ${cents(topup.amountCents)}`,
      `Fee        ${cents(topup.feeCents)}`,
      `Paid       ${cents(topup.amountCents + topup.feeCents)}`,
      '',
      `Purchase   ${topup.id}`,
      `Date       ${(topup.grantedAt ?? topup.createdAt).toISOString().slice(0, 10)}`,
      '',
      `${dashboardUrl}/settings/credits`,
      '',
    ].join('\n'),
  };
}
