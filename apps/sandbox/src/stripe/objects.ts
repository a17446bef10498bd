import type Stripe from 'stripe';
import { randomId } from '../identifiers.ts';
import type { CardInput } from './cards.ts';
import { parseExpiry } from './cards.ts';
import type { Params } from './params.ts';
import type { LineItem, SessionRecord } from './store.ts';

/** The API version whose shapes these are: the one that the installed SDK speaks. */
export const API_VERSION = '2026-10-28.endive';

/** Builds a customer. `now` is in seconds, as all of Stripe's times. */
export function buildCustomer(params: Partial<Params<'customerCreate'>>, now: number): Stripe.Customer {
  return {
    id: randomId('cus_', 14),
    object: 'customer',
    address: null,
    balance: 0,
    created: now,
    currency: null,
    default_source: null,
    delinquent: false,
    description: params.description ?? null,
    discount: null,
    email: params.email ?? null,
    invoice_prefix: randomId('', 8).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: params.metadata ?? {},
    name: params.name ?? null,
    next_invoice_sequence: 1,
    phone: params.phone ?? null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
}

/** Builds the lines of a checkout. Amounts are in the smallest unit of the currency. */
export function buildLineItems(params: Params<'sessionCreate'>, now: number): LineItem[] {
  return params.line_items.map(({ price_data: price, quantity }) => ({
    id: randomId('li_', 24),
    object: 'item',
    amount_discount: 0,
    amount_subtotal: price.unit_amount * quantity,
    amount_tax: 0,
    amount_total: price.unit_amount * quantity,
    currency: price.currency,
    description: price.product_data.name,
    quantity,
    price: {
      id: randomId('price_', 24),
      object: 'price',
      active: false,
      billing_scheme: 'per_unit',
      created: now,
      currency: price.currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: null,
      metadata: {},
      nickname: null,
      product: randomId('prod_', 14),
      recurring: null,
      tax_behavior: 'unspecified',
      tiers_mode: null,
      transform_quantity: null,
      type: 'one_time',
      unit_amount: price.unit_amount,
      unit_amount_decimal: String(price.unit_amount),
    },
  }));
}

/** What else a session is made of. */
export type SessionParts = {
  readonly id: string;
  readonly url: string;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly currency: string;
  readonly amountTotal: number;
  readonly customerEmail: string | null;
};

/** Builds an open, unpaid checkout session. */
export function buildSession(params: Params<'sessionCreate'>, parts: SessionParts): Stripe.Checkout.Session {
  const { id, url, now, currency, amountTotal, customerEmail } = parts;
  const noDetails = { address: null, business_name: null, individual_name: null, name: null, phone: null };
  return {
    id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    amount_subtotal: amountTotal,
    amount_total: amountTotal,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: params.cancel_url ?? null,
    client_reference_id: params.client_reference_id ?? null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: now,
    currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: params.customer ?? null,
    customer_account: null,
    customer_creation: params.customer === undefined ? params.customer_creation : null,
    customer_details:
      customerEmail === null ? null : { ...noDetails, email: customerEmail, tax_exempt: 'none', tax_ids: null },
    customer_email: params.customer_email ?? null,
    discounts: [],
    expires_at: params.expires_at ?? now + 24 * 3_600,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: null,
    managed_payments: null,
    metadata: params.metadata,
    mode: 'payment',
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: 'if_required',
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: ['card'],
    payment_status: 'unpaid',
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: null,
    subscription: null,
    success_url: params.success_url,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url,
    wallet_options: null,
  };
}

/** Builds the payment intent of a session, before any card was tried. */
export function buildPaymentIntent({ session, intentData }: SessionRecord, now: number): Stripe.PaymentIntent {
  const id = randomId('pi_', 24);
  return {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: session.amount_total ?? 0,
    amount_capturable: 0,
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic_async',
    client_secret: `${id}_secret_${randomId('', 25)}`,
    confirmation_method: 'automatic',
    created: now,
    currency: session.currency ?? 'usd',
    customer: session.customer,
    customer_account: null,
    description: intentData.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: intentData.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: intentData.receiptEmail,
    review: null,
    setup_future_usage: intentData.setupFutureUsage,
    shipping: null,
    source: null,
    statement_descriptor: intentData.statementDescriptor,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_group: null,
  };
}

/** What a charge needs to know beyond its payment intent. */
export type ChargeParts = {
  readonly now: number;
  readonly card: CardInput;
  readonly brand: string;
  readonly last4: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly paymentMethod: string;
  /** Present when the bank said no. */
  readonly decline?: { readonly code: string; readonly declineCode: string; readonly message: string };
};

function cardDetails(amount: number, parts: ChargeParts): Stripe.Charge.PaymentMethodDetails.Card {
  const expiry = parseExpiry(parts.card.expiry);
  const isPaid = parts.decline === undefined;
  return {
    amount_authorized: isPaid ? amount : null,
    authorization_code: null,
    brand: parts.brand,
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: isPaid ? 'pass' : 'unchecked' },
    country: 'US',
    electronic_commerce_indicator: null,
    exp_month: expiry?.month ?? 12,
    exp_year: expiry?.year ?? 2_040,
    funding: 'credit',
    installments: null,
    last4: parts.last4,
    mandate: null,
    network: parts.brand,
    network_transaction_id: null,
    regulated_status: 'unregulated',
    three_d_secure: null,
    transaction_link_id: null,
    wallet: null,
  };
}

function outcomeOf({ decline }: ChargeParts): Stripe.Charge.Outcome {
  const isPaid = decline === undefined;
  return {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: isPaid ? null : '05',
    network_status: isPaid ? 'approved_by_network' : 'declined_by_network',
    reason: decline?.declineCode ?? null,
    risk_level: 'normal',
    risk_score: 12,
    seller_message: isPaid ? 'Payment complete.' : 'The bank did not return any further details with this decline.',
    type: isPaid ? 'authorized' : 'issuer_declined',
  };
}

/** Builds the charge of one try with one card, paid or failed. */
export function buildCharge(intent: Stripe.PaymentIntent, parts: ChargeParts): Stripe.Charge {
  const { now, email, name, decline, paymentMethod } = parts;
  const isPaid = decline === undefined;
  return {
    id: randomId('ch_', 24),
    object: 'charge',
    amount: intent.amount,
    amount_captured: isPaid ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { address: null, email, name, phone: null, tax_id: null },
    calculated_statement_descriptor: 'SANDBOX',
    captured: isPaid,
    created: now,
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcomeOf(parts),
    paid: isPaid,
    payment_intent: intent.id,
    payment_method: paymentMethod,
    payment_method_details: { card: cardDetails(intent.amount, parts), type: 'card' },
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: null,
    status: isPaid ? 'succeeded' : 'failed',
    transfer_data: null,
    transfer_group: null,
  };
}

/** Stripe's price list for cards in the US: 2.9 % and 30 cents, rounded to the cent. */
const feeOf = (amount: number): number => Math.round((amount * 29) / 1_000) + 30;

/** Builds what a payment or a refund did to the balance. A refund's amount is negative, and its fee is not returned. */
export function buildBalanceTransaction(
  source: { id: string; amount: number; currency: string; description?: string | null },
  type: 'charge' | 'refund',
  now: number,
): Stripe.BalanceTransaction {
  const amount = type === 'charge' ? source.amount : -source.amount;
  const fee = type === 'charge' ? feeOf(source.amount) : 0;
  const feeDetail = {
    amount: fee,
    application: null,
    currency: source.currency,
    description: 'Stripe processing fees',
  };
  return {
    id: randomId('txn_', 24),
    object: 'balance_transaction',
    amount,
    available_on: now + 2 * 86_400,
    balance_type: 'payments',
    created: now,
    currency: source.currency,
    description: source.description ?? null,
    exchange_rate: null,
    fee,
    fee_details: fee === 0 ? [] : [{ ...feeDetail, type: 'stripe_fee' }],
    net: amount - fee,
    reporting_category: type,
    source: source.id,
    status: 'pending',
    type,
  };
}

/** Builds a refund of a part of a charge, or all of it. */
export function buildRefund(
  charge: Stripe.Charge,
  amount: number,
  parts: { readonly now: number; readonly params: Params<'refundCreate'> },
): Stripe.Refund {
  return {
    id: randomId('re_', 24),
    object: 'refund',
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: parts.now,
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: {
      card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
      type: 'card',
    },
    metadata: parts.params.metadata,
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: parts.params.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  };
}
