import { JWT } from 'google-auth-library';
import { AuthorizationFailed } from './authorization-failed.ts';

/** What Google's tokens for Vertex AI are good for (https://cloud.google.com/vertex-ai/docs/authentication, read 2026-11). */
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
/** A token lives for an hour; a call must not begin with one that ends while it is on its way. */
const RENEW_BEFORE_MS = 300_000;
const TIMEOUT_MS = 10_000;

/** A service account's key file, as far as it is used. */
export interface ServiceAccount {
  readonly clientEmail: string;
  readonly privateKey: string;
  readonly projectId: string | null;
  /** Where tokens are given out. */
  readonly tokenUrl: string;
}

/**
 * A function that gives a living access token: kept until five minutes before its end, and asked for once however many calls wait for it.
 * It rejects with AuthorizationFailed when Google refuses or does not answer.
 */
export function accessTokenOf(account: ServiceAccount): () => Promise<string> {
  const client = new JWT({
    email: account.clientEmail,
    key: account.privateKey,
    scopes: [SCOPE],
    eagerRefreshThresholdMillis: RENEW_BEFORE_MS,
    transporterOptions: { timeout: TIMEOUT_MS },
  });
  // The library asks at its own address and leaves the key file's aside.
  client.transporter.interceptors.request.add({
    resolved: async (options) => ({ ...options, url: new URL(account.tokenUrl) }),
  });
  return async () => {
    const { token } = await client.getAccessToken().catch((cause: unknown) => {
      // The library's message quotes the answer alone, but its error holds the request, with the assertion in it.
      const message = cause instanceof Error ? cause.message.slice(0, 200) : 'unknown';
      throw new AuthorizationFailed(`Google gave out no access token: ${message}`);
    });
    if (!token) throw new AuthorizationFailed('Google gave out an empty access token.');
    return token;
  };
}
