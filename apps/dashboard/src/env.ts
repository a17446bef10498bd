import { z } from 'zod';

const blankIsAbsent = (value: unknown) => (value === '' ? undefined : value);
const optional = <Schema extends z.ZodType>(schema: Schema) => z.preprocess(blankIsAbsent, schema.optional());

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .transform((url) => url.replace(/\/+$/, ''));

const schema = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
  /** PostgreSQL of the market. */
  DATABASE_URL: z
    .string({ error: 'is required: a postgresql:// URL' })
    .regex(/^postgres(ql)?:\/\//, 'must be a postgresql:// URL'),
  /** Where this site stands for its visitors; https here switches on HSTS. */
  BOURSE_DASHBOARD_URL: z.preprocess(blankIsAbsent, httpUrl.default('http://localhost:3000')),
  /** Where the gateway is reached from this process; `/api/v1/*` is passed on to it. */
  BOURSE_GATEWAY_URL: z.preprocess(blankIsAbsent, httpUrl.default('http://localhost:4000')),
  /** The API's address that visitors see in code samples; by default the gateway's. */
  BOURSE_PUBLIC_API_URL: optional(httpUrl),
  /** The gateway's markup on endpoints without one of their own, in basis points; shown beside prices. */
  BOURSE_MARKUP_BPS: z.preprocess(blankIsAbsent, z.coerce.number().int().min(0).max(100_000).default(500)),
});

/** The validated environment. */
export type Env = Readonly<z.infer<typeof schema>>;

/** Parses variables into the environment of this app, or throws one error that lists every problem, one per line. */
export function parseEnv(variables: Readonly<Record<string, string | undefined>>): Env {
  const parsed = schema.safeParse(variables);
  if (parsed.success) return Object.freeze(parsed.data);
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')} ${issue.message}`);
  throw new Error(`The dashboard cannot start with this environment:\n${problems.join('\n')}`);
}

let parsedOnce: Env | undefined;

/**
 * The environment, parsed at the first call and kept. A function and not a constant, because `next build` loads every module
 * without the secrets of a running site. Server start calls it (instrumentation.ts), so a bad environment never serves a page.
 */
export function env(): Env {
  parsedOnce ??= parseEnv(process.env);
  return parsedOnce;
}

/** What the build may depend on: nothing but the shape of its output. `BOURSE_STANDALONE=1` makes the Docker image's server. */
export function buildEnv(): { readonly isStandalone: boolean } {
  return { isStandalone: process.env['BOURSE_STANDALONE'] === '1' };
}

/** Whether this is `next dev`. A constant of the build, so it is readable where the environment is not (src/proxy.ts). */
export const isDevelopment = process.env.NODE_ENV === 'development';
