/** What paying with a card gives. */
export type CardResult =
  | { readonly kind: 'approved'; readonly brand: string; readonly last4: string }
  /** The number cannot be a card's: no bank was asked, nothing is recorded. */
  | { readonly kind: 'malformed'; readonly message: string }
  | ({ readonly kind: 'declined'; readonly brand: string; readonly last4: string } & Decline);

/** Why a bank said no, in Stripe's codes, and what the customer reads. */
export type Decline = { readonly code: string; readonly declineCode: string; readonly message: string };

/** What the form of the checkout page sends. */
export type CardInput = { readonly number: string; readonly expiry: string; readonly cvc: string };

const DECLINED = 'Your card was declined.';

/** Stripe's own test cards that fail, with the codes that they fail with. */
const DECLINES: Readonly<Record<string, Decline>> = {
  '4000000000000002': { code: 'card_declined', declineCode: 'generic_decline', message: DECLINED },
  '4000000000009995': {
    code: 'card_declined',
    declineCode: 'insufficient_funds',
    message: 'Your card has insufficient funds.',
  },
  '4000000000009987': { code: 'card_declined', declineCode: 'lost_card', message: DECLINED },
  '4000000000000069': { code: 'expired_card', declineCode: 'expired_card', message: 'Your card has expired.' },
  '4000000000000127': {
    code: 'incorrect_cvc',
    declineCode: 'incorrect_cvc',
    message: "Your card's security code is incorrect.",
  },
  '4000000000000119': {
    code: 'processing_error',
    declineCode: 'processing_error',
    message: 'An error occurred while processing your card. Try again in a little bit.',
  },
};

const APPROVED: Readonly<Record<string, string>> = {
  '4242424242424242': 'visa',
  '4000056655665556': 'visa',
  '5555555555554444': 'mastercard',
  '378282246310005': 'amex',
};

/** The check digit of every card number. */
function passesLuhn(number: string): boolean {
  const sum = [...number].reverse().reduce((total, character, index) => {
    const digit = Number(character) * (index % 2 === 0 ? 1 : 2);
    return total + (digit > 9 ? digit - 9 : digit);
  }, 0);
  return sum % 10 === 0;
}

/** Month and year of `12 / 34`, `12/2034` and the like. */
export function parseExpiry(text: string): { month: number; year: number } | undefined {
  const [, month = '', year = ''] = /^\s*(\d{1,2})\s*\/\s*(\d{2}|\d{4})\s*$/.exec(text) ?? [];
  const expiry = { month: Number(month), year: year.length === 2 ? 2_000 + Number(year) : Number(year) };
  return expiry.month >= 1 && expiry.month <= 12 ? expiry : undefined;
}

function isExpired(expiry: { month: number; year: number }, now: number): boolean {
  // A card is good to the end of its month.
  return Date.UTC(expiry.year, expiry.month) <= now;
}

/** Asks the pretended bank. `now` is in milliseconds since the epoch. */
export function tryCard(input: CardInput, now: number): CardResult {
  const number = input.number.replace(/[\s-]/g, '');
  const expiry = parseExpiry(input.expiry);
  if (!/^\d{12,19}$/.test(number) || !passesLuhn(number)) {
    return { kind: 'malformed', message: 'Your card number is invalid.' };
  }
  if (expiry === undefined) return { kind: 'malformed', message: "Your card's expiration date is incomplete." };
  if (isExpired(expiry, now)) return { kind: 'malformed', message: "Your card's expiration date is in the past." };
  if (!/^\d{3,4}$/.test(input.cvc.trim())) {
    return { kind: 'malformed', message: "Your card's security code is incomplete." };
  }
  const last4 = number.slice(-4);
  const brand = APPROVED[number];
  if (brand !== undefined) return { kind: 'approved', brand, last4 };
  const decline = DECLINES[number] ?? {
    code: 'card_declined',
    declineCode: 'test_mode_live_card',
    message: 'Your card was declined. This is a sandbox: only test cards work here.',
  };
  return { kind: 'declined', brand: 'visa', last4, ...decline };
}
