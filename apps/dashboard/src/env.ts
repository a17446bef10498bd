import { z } from 'zod';

const optional = <Schema extends z.ZodType>(schema: Schema) => schema.optional();
const required = (why: string) => z.string({ error: `is required: ${why}` });

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .transform((url) => url.replace(/\/+$/, ''));
const perHour = z.coerce.number().int().min(0).max(1_000_000);
const basisPoints = (most: number) => z.coerce.number().int().min(0).max(most);

const schema = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** PostgreSQL of the market. */
  DATABASE_URL: required('a postgresql:// URL').regex(/^postgres(ql)?:\/\//, 'must be a postgresql:// URL'),
  /** Where this site stands for its visitors, also in mail; https here switches on HSTS and secure cookies. */
  BOURSE_DASHBOARD_URL: httpUrl.default('http://localhost:3000'),
  /** Where the gateway is reached from this process; `/api/v1/*` is passed on to it. */
  BOURSE_GATEWAY_URL: httpUrl.default('http://localhost:4000'),
  /** The API's address that visitors see in code samples; by default the gateway's. */
  BOURSE_PUBLIC_API_URL: optional(httpUrl),
  /** The gateway's markup on endpoints without one of their own, in basis points; shown beside prices. */
  BOURSE_MARKUP_BPS: basisPoints(100_000).default(500),
  /** The fee on purchases of credits in basis points; at least $0.80 is taken. */
  BOURSE_TOPUP_FEE_BPS: basisPoints(10_000).default(550),
  /** What may be done so many times an hour; 0 = as often as one likes. By one organization. */
  BOURSE_KEYS_PER_HOUR: perHour.default(10),
  BOURSE_CHECKOUTS_PER_HOUR: perHour.default(5),
  /** To one mailbox, and for one visitor's address. */
  BOURSE_SIGN_IN_MAILS_PER_HOUR: perHour.default(5),
  BOURSE_SIGN_IN_MAILS_PER_VISITOR: perHour.default(20),
  /** `1` when the outside world is simulated although the build is a production build (`npm start`). */
  BOURSE_DEMO: optional(z.enum(['0', '1'], { error: 'must be 0 or 1' })),
  /** The sandbox: its mailbox is linked from the sign-in page, and payments go to it when no Stripe is configured. */
  BOURSE_SANDBOX_URL: optional(httpUrl),
  /** Guards what sign-in keeps in cookies on its way. Any 32 random bytes; changing it voids links that are in the mail. */
  NEXTAUTH_SECRET: required('any 32 random characters').min(32, 'must have at least 32 characters'),
  /** Where mail is handed over for delivery: smtp:// or smtps://, with user and password if needed. */
  SMTP_URL: required('an smtp:// or smtps:// URL').regex(/^smtps?:\/\//, 'must be an smtp:// or smtps:// URL'),
  /** The sender of mail. */
  MAIL_FROM: z.string().default('Bourse <no-reply@bourse.local>'),
  AUTH_GITHUB_ID: optional(z.string()),
  AUTH_GITHUB_SECRET: optional(z.string()),
  AUTH_GOOGLE_ID: optional(z.string()),
  AUTH_GOOGLE_SECRET: optional(z.string()),
  STRIPE_SECRET_KEY: required('without it nobody can buy credits'),
  /** The webhook's signing secret; several separated by commas while one is being replaced. */
  STRIPE_WEBHOOK_SECRET: required('without it anybody could grant themselves credits').refine(
    (text) => text.split(',').every((secret) => secret.trim().length >= 16),
    'must be the signing secret of the webhook, at least 16 characters: a shorter one can be guessed',
  ),
  /** Another address that speaks Stripe's API. Only for the sandbox. */
  STRIPE_API_BASE: optional(httpUrl),
});

/** The validated environment. */
export type Env = Readonly<z.infer<typeof schema>> & {
  /** Whether mail and payments are simulated. Never in production, unless the whole market is a demo. */
  readonly isSandboxMarket: boolean;
};

type Variables = Readonly<Record<string, string | undefined>>;

/** The sandbox has the same values. They protect nothing and must not be used for anything real. */
const sandboxSecrets = {
  NEXTAUTH_SECRET: 'development-only-secret-of-no-worth',
  STRIPE_SECRET_KEY: 'sk_test_sandbox_0123456789abcdef',
  STRIPE_WEBHOOK_SECRET: 'whsec_sandbox_0123456789abcdef',
};

/** Parses variables into the environment of this app, or throws one error that lists every problem, one per line. */
export function parseEnv(variables: Variables): Env {
  const set = withoutBlanks(variables);
  const isSandboxMarket = set['NODE_ENV'] !== 'production' || set['BOURSE_DEMO'] === '1';
  // `NEXTAUTH_URL` is what people who know next-auth set; it is the same address.
  const named = { BOURSE_DASHBOARD_URL: set['NEXTAUTH_URL'], ...set };
  const parsed = schema.safeParse(isSandboxMarket ? { ...sandboxValues(set), ...named } : named);
  const problems = [
    ...(parsed.error?.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`) ?? []),
    ...halvesOfPairs(set),
    ...(isSandboxMarket ? [] : simulatedInProduction(set)),
  ];
  if (!parsed.success || problems.length > 0) {
    throw new Error(
      `The dashboard cannot start with this environment:\n${problems.map((line) => `  ${line}`).join('\n')}`,
    );
  }
  return Object.freeze({ ...parsed.data, isSandboxMarket });
}

function withoutBlanks(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
}

/** What is not configured outside production. */
function sandboxValues(set: Variables): Variables {
  const { NEXTAUTH_SECRET, ...stripe } = sandboxSecrets;
  const sandboxUrl = set['BOURSE_SANDBOX_URL'] ?? 'http://localhost:4010';
  const hasStripe = set['STRIPE_SECRET_KEY'] !== undefined || set['STRIPE_WEBHOOK_SECRET'] !== undefined;
  return {
    NEXTAUTH_SECRET,
    SMTP_URL: 'smtp://localhost:4025',
    // A real key must never be sent to the sandbox, so the sandbox's address comes with the sandbox's key or not at all.
    ...(hasStripe ? {} : { ...stripe, STRIPE_API_BASE: `${sandboxUrl}/stripe` }),
  };
}

const pairs = [
  ['AUTH_GITHUB_ID', 'AUTH_GITHUB_SECRET'],
  ['AUTH_GOOGLE_ID', 'AUTH_GOOGLE_SECRET'],
] as const;

function halvesOfPairs(set: Variables): readonly string[] {
  return pairs
    .filter(([one, other]) => (set[one] === undefined) !== (set[other] === undefined))
    .map(([one, other]) => `${one} and ${other} must both be set, or neither`);
}

/** Nothing of the sandbox is taken for real in production: its secrets are public. */
function simulatedInProduction(set: Variables): readonly string[] {
  const known = Object.entries(sandboxSecrets)
    .filter(([name, value]) => set[name]?.includes(value))
    .map(([name]) => `${name} has the value of the sandbox, which everybody knows`);
  return set['STRIPE_API_BASE'] === undefined ? known : [...known, 'STRIPE_API_BASE is for the sandbox only'];
}

let parsedOnce: Env | undefined;

/**
 * The environment, parsed at the first call and kept. A function and not a constant, because `next build` loads every module
 * without the secrets of a running site. Server start calls it (instrumentation.ts), so a bad environment never serves a page.
 */
export function env(): Env {
  if (parsedOnce === undefined) {
    parsedOnce = parseEnv(process.env);
    // next-auth takes its own address from here only, and would else believe the Host header or its default.
    process.env['NEXTAUTH_URL'] = parsedOnce.BOURSE_DASHBOARD_URL;
  }
  return parsedOnce;
}

/** What the build may depend on: nothing but the shape of its output. `BOURSE_STANDALONE=1` makes the Docker image's server. */
export function buildEnv(): { readonly isStandalone: boolean } {
  return { isStandalone: process.env['BOURSE_STANDALONE'] === '1' };
}

/** Whether this is `next dev`. A constant of the build, so it is readable where the environment is not (src/proxy.ts). */
export const isDevelopment = process.env.NODE_ENV === 'development';
