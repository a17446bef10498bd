/** The ledger account of what an organization paid for. Its row carries the balance of both accounts. */
export function creditsAccountId(organizationId: string): string {
  return `org:${organizationId}:credits`;
}

/** The ledger account of what an organization was given; usage takes it first. */
export function promoAccountId(organizationId: string): string {
  return `org:${organizationId}:promo`;
}

/** The house's own ledger accounts; they exist from the first migration on. Their balances are sums over entries. */
export const houseAccounts = {
  /** Markup: what customers paid beyond cost. */
  revenue: 'house:revenue',
  /** Fees on purchases. */
  fees: 'house:fees',
  /** Money that the card processor owes us. */
  stripeClearing: 'house:stripe_clearing',
  /** Credits given away. */
  promoExpense: 'house:promo_expense',
  /** Credits given back. */
  refunds: 'house:refunds',
  /** Charges that the credits did not cover. */
  overrunLoss: 'house:overrun_loss',
  /** Cost of what the customer does not pay for. */
  insuredLoss: 'house:insured_loss',
} as const;
