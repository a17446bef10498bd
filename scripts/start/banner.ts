import type { DevInfo } from './dev-info.ts';

/** What stands on the screen when the market is up: where it is, how to sign in, and a call that works when pasted. */
export function banner(options: {
  readonly devInfo: DevInfo;
  readonly seconds: number;
  readonly isProduction: boolean;
}): string {
  const { devInfo, seconds } = options;
  const head = `\nBourse is up after ${seconds.toFixed(1)} s.\n\n  Dashboard  ${devInfo.dashboardUrl}\n  API        ${devInfo.gatewayUrl}`;
  const foot = 'Ctrl-C stops everything; the state stays in .bourse/.\n';
  if (options.isProduction) return `${head}\n\n${foot}`;
  return `${head}
  Mailbox    ${devInfo.mailboxUrl}

  Sign in    as ${devInfo.email}; the link arrives in the mailbox
  API key    ${devInfo.apiKey}   (with credits; also in .bourse/dev.json)

  The first call:

${curlLine(devInfo)}

${foot}`;
}

/** One line for any shell, without a line continuation to lose on the way. */
function curlLine({ gatewayUrl, apiKey, model }: DevInfo): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Say hello to the market.' }] });
  return `curl ${gatewayUrl}/chat/completions -H "Authorization: Bearer ${apiKey}" -H "Content-Type: application/json" -d '${body}'`;
}
