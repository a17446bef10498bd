import type { Database, OutboxMessage } from '@bourse/db';
import { assertNever } from '@bourse/errors';
import { nanodollars } from '@bourse/money';
import type { Mailer } from './mailer.ts';
import { lowBalanceMail, type MailText, topupMail } from './mails.ts';

/** What delivering depends on. */
export interface DeliveryParts {
  readonly db: Pick<Database, 'organizations' | 'payments'>;
  readonly mailer: Mailer;
  readonly dashboardUrl: string;
}

async function textOf(message: OutboxMessage, { db, dashboardUrl }: DeliveryParts): Promise<MailText> {
  switch (message.topic) {
    case 'topup.granted': {
      const topup = await db.payments.find(message.body);
      if (topup === null) throw new Error(`there is no purchase ${message.body.topupId}`);
      return topupMail(topup, dashboardUrl);
    }
    case 'balance.low': {
      const { posted, threshold } = message.body;
      return lowBalanceMail({
        posted: nanodollars(BigInt(posted)),
        threshold: nanodollars(BigInt(threshold)),
        dashboardUrl,
      });
    }
    default:
      return assertNever(message);
  }
}

/** Mails a message of the outbox to the owners of its organization; to nobody when it has none any more. Rejects when a mail is not taken. */
export async function deliver(message: OutboxMessage, parts: DeliveryParts): Promise<void> {
  const text = await textOf(message, parts);
  const owners = await parts.db.organizations.ownerEmails(message.body.organizationId);
  for (const to of owners) await parts.mailer.send({ to, ...text, key: message.key });
}
