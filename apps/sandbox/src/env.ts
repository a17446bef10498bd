import { z } from 'zod';

const flag = z
  .enum(['', '0', '1', 'true', 'false'])
  .default('')
  .transform((text) => text === '1' || text === 'true');
const port = z.coerce.number().int().min(0).max(65_535);

const schema = z.object({
  NODE_ENV: z.string().default('development'),
  SANDBOX_HOST: z.string().min(1).default('127.0.0.1'),
  SANDBOX_PORT: port.default(4010),
  SANDBOX_SMTP_PORT: port.default(4025),
  SANDBOX_ALLOW_IN_PRODUCTION: flag,
  SANDBOX_INSTANT: flag,
  SANDBOX_TOKENS_PER_SECOND: z.coerce.number().positive().default(80),
  SANDBOX_FIRST_BYTE_MS: z.coerce.number().min(0).default(120),
  SANDBOX_STATE_DIR: z.string().min(1).optional(),
  SANDBOX_PUBLIC_URL: z.url().optional(),
  SANDBOX_STRIPE_WEBHOOK_URL: z.url().default('http://localhost:3000/api/stripe/webhook'),
  SANDBOX_STRIPE_WEBHOOK_SECRET: z.string().startsWith('whsec_').default('whsec_sandbox_0123456789abcdef'),
});

/** The sandbox's settings, checked and with defaults filled in. */
export type Env = z.infer<typeof schema> & { readonly hasStripe: boolean };

/**
 * Reads the settings. Throws an Error that lists everything wrong, one line each. In production it refuses altogether,
 * unless SANDBOX_ALLOW_IN_PRODUCTION=1, and then without Stripe: money that nobody paid must never become credits.
 */
export function parseEnv(variables: Readonly<Record<string, string | undefined>>): Env {
  // A blank line in `.env` means the default, like a missing one.
  const filled = Object.fromEntries(Object.entries(variables).filter(([, text]) => text !== ''));
  const parsed = schema.safeParse(filled);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The sandbox cannot start with these settings:\n${lines.join('\n')}`);
  }
  const isProduction = parsed.data.NODE_ENV === 'production';
  if (isProduction && !parsed.data.SANDBOX_ALLOW_IN_PRODUCTION) {
    throw new Error(
      'The sandbox simulates providers, payments and mail, and does not start with NODE_ENV=production. ' +
        'SANDBOX_ALLOW_IN_PRODUCTION=1 starts it without the payments.',
    );
  }
  return { ...parsed.data, hasStripe: !isProduction };
}

/** The settings of this process. */
export const readEnv = (): Env => parseEnv(process.env);
