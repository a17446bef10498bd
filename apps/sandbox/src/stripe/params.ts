import { z } from 'zod';
import { invalidParameter, type StripeFailure } from './failure.ts';
import type { FormValue } from './form.ts';

const integer = z
  .string()
  .regex(/^-?\d{1,15}$/)
  .transform(Number);
const webUrl = z.url({ protocol: /^https?$/ });
/** Up to 50 pairs, as Stripe allows; an empty value unsets the key. */
const metadata = z
  .record(z.string().max(40), z.string().max(500))
  .refine((pairs) => Object.keys(pairs).length <= 50)
  .transform((pairs) => Object.fromEntries(Object.entries(pairs).filter(([, value]) => value !== '')));
const expand = z.array(z.string()).optional();
const ignored = z.unknown().optional();

type TimeRange = Partial<Record<'gt' | 'gte' | 'lt' | 'lte', number | undefined>>;
const timeRange = z
  .union([
    integer.transform((at): TimeRange => ({ gte: at, lte: at })),
    z.strictObject({
      gt: integer.optional(),
      gte: integer.optional(),
      lt: integer.optional(),
      lte: integer.optional(),
    }),
  ])
  .optional();

/** Cursor and filters that every list takes. */
const list = {
  limit: integer.pipe(z.number().min(1).max(100)).default(10),
  starting_after: z.string().optional(),
  ending_before: z.string().optional(),
  created: timeRange,
  expand,
};

const lineItem = z.strictObject({
  price_data: z.strictObject({
    currency: z
      .string()
      .regex(/^[a-zA-Z]{3}$/)
      .transform((code) => code.toLowerCase()),
    unit_amount: integer.pipe(z.number().min(0).max(99_999_999)),
    product_data: z.strictObject({
      name: z.string().min(1).max(250),
      description: z.string().max(40_000).optional(),
      images: z.array(z.string()).max(8).optional(),
      metadata: metadata.optional(),
      tax_code: ignored,
    }),
    tax_behavior: ignored,
  }),
  quantity: integer.pipe(z.number().min(1).max(999_999)).default(1),
  adjustable_quantity: ignored,
});

// Parameters that the real API knows and the simulation accepts without effect.
const sessionIgnored = {
  allow_promotion_codes: ignored,
  automatic_tax: ignored,
  billing_address_collection: ignored,
  consent_collection: ignored,
  custom_fields: ignored,
  custom_text: ignored,
  customer_update: ignored,
  invoice_creation: ignored,
  locale: ignored,
  payment_method_options: ignored,
  payment_method_types: ignored,
  phone_number_collection: ignored,
  saved_payment_method_options: ignored,
  submit_type: ignored,
  tax_id_collection: ignored,
};

/** What each endpoint takes. Anything else is refused, as the real API refuses it: a misspelt name must not pass. */
export const paramSchemas = {
  customerCreate: z.strictObject({
    email: z.string().max(512).optional(),
    name: z.string().max(256).optional(),
    description: z.string().optional(),
    phone: z.string().optional(),
    metadata: metadata.default({}),
    expand,
    address: ignored,
    preferred_locales: ignored,
  }),
  sessionCreate: z.strictObject({
    mode: z.literal('payment'),
    ui_mode: z.enum(['hosted', 'hosted_page']).optional(),
    line_items: z.array(lineItem).min(1).max(100),
    success_url: webUrl,
    cancel_url: webUrl.optional(),
    client_reference_id: z.string().max(200).optional(),
    customer: z.string().optional(),
    customer_email: z.string().max(800).optional(),
    customer_creation: z.enum(['always', 'if_required']).default('if_required'),
    metadata: metadata.default({}),
    expires_at: integer.optional(),
    payment_intent_data: z
      .strictObject({
        metadata: metadata.default({}),
        description: z.string().max(1_000).optional(),
        receipt_email: z.string().optional(),
        setup_future_usage: z.enum(['off_session', 'on_session']).optional(),
        statement_descriptor: z.string().max(22).optional(),
        statement_descriptor_suffix: z.string().max(22).optional(),
        capture_method: ignored,
      })
      .optional(),
    branding_settings: z.looseObject({ display_name: z.string().optional() }).optional(),
    expand,
    ...sessionIgnored,
  }),
  sessionList: z.strictObject({
    ...list,
    status: z.enum(['open', 'complete', 'expired']).optional(),
    customer: z.string().optional(),
    payment_intent: z.string().optional(),
    customer_details: z.strictObject({ email: z.string() }).optional(),
  }),
  paymentIntentList: z.strictObject({ ...list, customer: z.string().optional() }),
  refundCreate: z.strictObject({
    charge: z.string().optional(),
    payment_intent: z.string().optional(),
    amount: integer.pipe(z.number().min(1)).optional(),
    reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
    metadata: metadata.default({}),
    expand,
  }),
  eventList: z.strictObject({ ...list, type: z.string().optional(), types: z.array(z.string()).max(20).optional() }),
  balanceTransactionList: z.strictObject({
    ...list,
    type: z.string().optional(),
    source: z.string().optional(),
    currency: z.string().optional(),
  }),
  retrieve: z.strictObject({ expand }),
  lineItemList: z.strictObject(list),
} as const;

/** The checked parameters of one endpoint. */
export type Params<Name extends keyof typeof paramSchemas> = z.infer<(typeof paramSchemas)[Name]>;
/** The filters that every list shares. */
export type ListParams = Pick<Params<'lineItemList'>, 'limit' | 'starting_after' | 'ending_before' | 'created'>;

const bracketed = (path: readonly PropertyKey[]) =>
  path.map((key, depth) => (depth === 0 ? String(key) : `[${String(key)}]`)).join('');

function toFailure(issue: z.core.$ZodIssue | undefined): StripeFailure {
  const param = bracketed(issue?.path ?? []);
  if (issue?.code === 'unrecognized_keys') {
    const name = bracketed([...issue.path, issue.keys[0] ?? '']);
    return invalidParameter(`Received unknown parameter: ${name}`, name, 'parameter_unknown');
  }
  if (issue?.input === undefined && (issue?.code === 'invalid_type' || issue?.code === 'invalid_value')) {
    return invalidParameter(`Missing required param: ${param}.`, param, 'parameter_missing');
  }
  return invalidParameter(`Invalid value for ${param}: ${issue?.message ?? 'not understood'}`, param);
}

/** Checks the parameters of an endpoint. Throws `StripeFailure` 400 that names the first wrong one. */
export function parseParams<Schema extends z.ZodType>(
  schema: Schema,
  form: { [key: string]: FormValue },
): z.infer<Schema> {
  const parsed = schema.safeParse(form, { reportInput: true });
  if (!parsed.success) throw toFailure(parsed.error.issues[0]);
  return parsed.data;
}
