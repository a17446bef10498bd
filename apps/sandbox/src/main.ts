import { type Env, readEnv } from './env.ts';
import { createSandbox } from './sandbox.ts';

function readEnvOrExit(): Env {
  try {
    return readEnv();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

const env = readEnvOrExit();
const sandbox = createSandbox({
  host: env.SANDBOX_HOST,
  smtpPort: env.SANDBOX_SMTP_PORT,
  hasStripe: env.hasStripe,
  stripeWebhookUrl: env.SANDBOX_STRIPE_WEBHOOK_URL,
  stripeWebhookSecret: env.SANDBOX_STRIPE_WEBHOOK_SECRET,
  ...(env.SANDBOX_PUBLIC_URL === undefined ? {} : { publicUrl: env.SANDBOX_PUBLIC_URL.replace(/\/+$/, '') }),
  ...(env.SANDBOX_STATE_DIR === undefined ? {} : { stateDir: env.SANDBOX_STATE_DIR }),
  ...(env.SANDBOX_INSTANT
    ? {}
    : { firstByteMs: env.SANDBOX_FIRST_BYTE_MS, tokensPerSecond: env.SANDBOX_TOKENS_PER_SECOND }),
});

const stop = () => {
  sandbox.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);

try {
  const { url, smtpPort } = await sandbox.listen(env.SANDBOX_PORT);
  console.log(`sandbox: listening on ${url}, mail on port ${smtpPort}`);
} catch (error) {
  console.error(`sandbox: cannot start on ${env.SANDBOX_HOST}: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
