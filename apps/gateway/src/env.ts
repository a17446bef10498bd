import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const ms = z.coerce.number().int().min(1).max(3_600_000);

/** A number of something in a time; 0 = no limit. */
const rate = z.coerce.number().int().min(0).max(1_000_000_000);

/** Words between commas, each of one form. */
const list = (form: RegExp, message: string) =>
  z
    .string()
    .transform((text) => text.split(',').map((word) => word.trim()))
    .refine((words) => words.every((word) => form.test(word)), message);

/** Everything that the gateway reads from its environment; `.env.example` documents each variable. */
const schema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  DATABASE_URL: z.string().min(1),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  GATEWAY_PORT: port.default(4000),
  GATEWAY_PROCESSES: z.coerce.number().int().min(1).max(256).default(1),
  GATEWAY_HOST: z.string().default('0.0.0.0'),
  BOURSE_SANDBOX_URL: z.url().optional(),
  BOURSE_DASHBOARD_URL: z.url().default('http://localhost:3000'),
  BOURSE_KEYS_PER_HOUR: rate.default(10),
  BOURSE_MARKUP_BPS: z.coerce.number().int().min(0).max(100_000).default(500),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  GATEWAY_BODY_BYTES_MAX: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(1_073_741_824)
    .default(20 * 1024 * 1024),
  GATEWAY_MEDIA_BYTES_MAX: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(1_073_741_824)
    .default(20 * 1024 * 1024),
  GATEWAY_MEDIA_TIMEOUT_MS: ms.default(10_000),
  GATEWAY_MEDIA_PORTS: list(/^\d{1,5}$/, 'must be ports, separated by commas').default([80, 443].map(String)),
  GATEWAY_MEDIA_NETWORKS: list(/^[0-9a-f.:]+\/\d{1,3}$/i, 'must be networks such as 10.0.0.0/8').default([]),
  EXA_API_KEY: z.string().optional(),
  EXA_BASE_URL: z.url().default('https://api.exa.ai'),
  GATEWAY_WEB_SEARCH_USD: z
    .string()
    .regex(/^\d{1,3}(\.\d{1,9})?$/)
    .default('0.007'),
  GATEWAY_CACHE_BYTES_MAX: z.coerce
    .number()
    .int()
    .min(0)
    .max(68_719_476_736)
    .default(64 * 1024 * 1024),
  GATEWAY_FIRST_BYTE_TIMEOUT_MS: ms.default(120_000),
  GATEWAY_WHOLE_ANSWER_TIMEOUT_MS: ms.default(300_000),
  GATEWAY_IDLE_TIMEOUT_MS: ms.default(60_000),
  GATEWAY_TOTAL_TIMEOUT_MS: ms.default(900_000),
  GATEWAY_RETRIES_MAX: z.coerce.number().int().min(0).max(2).default(2),
  GATEWAY_BREAKER_OPEN_MS: ms.default(5_000),
  GATEWAY_CREDENTIAL_REST_MS: ms.default(60_000),
  GATEWAY_HOLD_MARGIN_MS: ms.default(60_000),
  GATEWAY_FIRST_FLUSH_MS: ms.default(5_000),
  GATEWAY_KEEP_ALIVE_MS: ms.default(15_000),
  GATEWAY_CLIENT_STALL_MS: ms.default(30_000),
  GATEWAY_DRAIN_MS: ms.default(300_000),
  GATEWAY_SPOOL_DIR: z.string().default('.bourse/spool'),
  GATEWAY_SPOOL_SEGMENT_BYTES: z.coerce
    .number()
    .int()
    .min(64 * 1024)
    .max(1_073_741_824)
    .default(4 * 1024 * 1024),
  GATEWAY_SETTLE_LINGER_MS: z.coerce.number().int().min(0).max(10_000).default(50),
  GATEWAY_LEASE_MAX_USD: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,9})?$/)
    .default('5'),
  GATEWAY_LEASE_TTL_MS: ms.min(5_000).default(60_000),
  GATEWAY_OVERLOAD_LOOP_MS: z.coerce.number().int().min(0).max(60_000).default(150),
  GATEWAY_NODES: z.coerce.number().int().min(1).max(10_000).default(1),
  GATEWAY_TRUSTED_PROXIES: list(/^[0-9a-f.:]+\/\d{1,3}$/i, 'must be networks such as 10.0.0.0/8').default([
    '127.0.0.0/8',
    '::1/128',
  ]),
  GATEWAY_ADDRESS_RPS: rate.default(60),
  GATEWAY_FAILED_AUTH_RPM: rate.default(10),
  GATEWAY_KEY_RPM: rate.default(3_000),
  GATEWAY_ORGANIZATION_RPM: rate.default(6_000),
  GATEWAY_ORGANIZATION_TPM: rate.default(10_000_000),
  GATEWAY_ORGANIZATION_STREAMS: rate.default(64),
  GATEWAY_FREE_RPM: rate.default(20),
  GATEWAY_FREE_RPD: rate.default(50),
  GATEWAY_FREE_RPD_PAID: rate.default(1_000),
  GATEWAY_REGION: z
    .string()
    .regex(/^[A-Za-z]{2}$/, 'must be "eu" or a country as two letters')
    .optional(),
});

/** The validated environment. */
export type Env = z.infer<typeof schema>;

/** Parses the environment or throws one Error that lists every problem. Empty strings count as absent. */
export function parseEnv(source: Readonly<Record<string, string | undefined>>): Env {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The gateway's environment is not valid:\n${problems.join('\n')}`);
}

/** The process' environment, for main.ts; provider keys and base URLs are read from it by name. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
