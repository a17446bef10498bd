import { z } from 'zod';

const intervalMs = z.coerce.number().int().min(10).max(86_400_000);

/** The sandbox's mailbox, where `npm start` and the tests have it. */
const sandboxSmtpUrl = 'smtp://localhost:4025';

/** Everything that the worker reads from its environment; `.env.example` documents each variable. */
const schema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  DATABASE_URL: z.string().min(1),
  WORKER_PORT: z.coerce.number().int().min(0).max(65_535).default(4020),
  WORKER_HOST: z.string().min(1).default('0.0.0.0'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  WORKER_EXPIRE_HOLDS_MS: intervalMs.default(5_000),
  WORKER_FENCE_GRACE_MS: intervalMs.default(10_000),
  WORKER_ROLLUP_MS: intervalMs.default(15_000),
  WORKER_LEDGER_CHECK_MS: intervalMs.default(3_600_000),
  WORKER_RECONCILE_MS: intervalMs.default(86_400_000),
  WORKER_OUTBOX_MS: intervalMs.default(2_000),
  WORKER_BALANCES_MS: intervalMs.default(60_000),
  WORKER_CATALOG_MS: intervalMs.default(60_000),
  WORKER_PRUNE_MS: intervalMs.default(600_000),
  WORKER_LOW_BALANCE_USD: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,9})?$/)
    .default('2'),
  BOURSE_GATEWAY_URL: z
    .url()
    .default('http://localhost:4000')
    .transform((url) => url.replace(/\/+$/, '')),
  WORKER_PROBE_API_KEY: z.string().optional(),
  WORKER_PROBE_MS: intervalMs.default(60_000),
  BOURSE_DASHBOARD_URL: z
    .url()
    .default('http://localhost:3000')
    .transform((url) => url.replace(/\/+$/, '')),
  SMTP_URL: z
    .string({ error: 'is required: receipts and notices are mailed' })
    .regex(/^smtps?:\/\//, 'must be an smtp:// or smtps:// URL'),
  MAIL_FROM: z.string().default('Bourse <no-reply@bourse.local>'),
  BOURSE_OPERATOR_EMAILS: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()])))
    .refine((all) => all.every((address) => address.includes('@')), 'must be addresses, separated by commas'),
  STRIPE_SECRET_KEY: z.string().optional(),
  STRIPE_API_BASE: z.url().optional(),
});

/** The validated environment. Names in `_MS` are milliseconds. */
export type Env = z.infer<typeof schema>;

/** Parses the environment or throws one Error that lists every problem. Empty strings count as absent. */
export function parseEnv(source: Readonly<Record<string, string | undefined>>): Env {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const isProduction = present['NODE_ENV'] === 'production';
  const parsed = schema.safeParse(isProduction ? present : { SMTP_URL: sandboxSmtpUrl, ...present });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The worker's environment is not valid:\n${problems.join('\n')}`);
}

/** The settings of this process. */
export const readEnv = (): Env => parseEnv(process.env);
