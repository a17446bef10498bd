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
  const { url } = await sandbox.listen(env.SANDBOX_PORT);
  console.log(`sandbox: listening on ${url}`);
} catch (error) {
  console.error(`sandbox: cannot listen on ${env.SANDBOX_HOST}:${env.SANDBOX_PORT}: ${error}`);
  process.exit(1);
}
