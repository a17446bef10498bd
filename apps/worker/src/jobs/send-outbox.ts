import type { OutboxMessage, OutboxStore } from '@bourse/db';
import type { Logger } from '@bourse/telemetry';
import type { Job } from '../job.ts';

const BATCH = 20;
/** Longer than any delivery may take: a message whose worker died comes back after it. */
const CLAIM_MS = 120_000;
/** Then it is given up, for a person to look at: about two and a half hours after the first. */
const ATTEMPTS_MAX = 12;
const RETRY_MS_FIRST = 5_000;
const RETRY_MS_MAX = 3_600_000;

async function attempt(
  message: OutboxMessage,
  { outbox, deliver, log }: Pick<Parameters<typeof sendOutbox>[0], 'outbox' | 'deliver' | 'log'>,
): Promise<number> {
  const { id, topic } = message;
  try {
    await deliver(message);
  } catch (error) {
    const isLast = message.attempt >= ATTEMPTS_MAX;
    const retryAfterMs = Math.min(RETRY_MS_FIRST * 2 ** (message.attempt - 1), RETRY_MS_MAX);
    await outbox.failed({ id, error: error instanceof Error ? error.message : String(error), retryAfterMs });
    const fields = { messageId: id.toString(), topic, attempt: message.attempt };
    if (isLast) log.error('outbox.given_up', error, fields);
    else log.warn('outbox.failed', { ...fields, retryAfterMs, reason: String(error) });
    return 0;
  }
  // A crash before this line delivers the message again: at least once is the promise.
  await outbox.done(id);
  return 1;
}

/**
 * Carries out what is in the outbox. What fails is tried again, later and later; what fails for ever stays there and breaks R4. Any number
 * of workers may do this at once, each takes other rows.
 */
export function sendOutbox(options: {
  readonly outbox: OutboxStore;
  readonly deliver: (message: OutboxMessage) => Promise<void>;
  readonly log: Logger;
  readonly everyMs: number;
}): Job {
  return {
    name: 'send-outbox',
    everyMs: options.everyMs,
    isExclusive: false,
    async run(stopping) {
      let sent = 0;
      while (!stopping.aborted) {
        const messages = await options.outbox.claim({ limit: BATCH, claimMs: CLAIM_MS, attemptsMax: ATTEMPTS_MAX });
        for (const message of messages) sent += await attempt(message, options);
        if (messages.length < BATCH) break;
      }
      return sent;
    },
  };
}
