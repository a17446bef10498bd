import type { Database, OutboxMessage } from '@bourse/db';
import { assertNever } from '@bourse/errors';
import { nanodollars } from '@bourse/money';
import type { Mailer } from './mailer.ts';
import { lowBalanceMail, type MailText, operatorNoticeMail, topupMail } from './mails.ts';

/** What delivering depends on. */
export interface DeliveryParts {
  readonly db: Pick<Database, 'organizations' | 'payments'>;
  readonly mailer: Mailer;
  readonly dashboardUrl: string;
  /** Who is told of what operators should look at; nobody where it is empty. */
  readonly operatorEmails: readonly string[];
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
    case 'operator.notice':
      return operatorNoticeMail(message.body);
    default:
      return assertNever(message);
  }
}

/** Mails a message of the outbox to the owners of its organization, or to the operators; to nobody when there is none any more. Rejects when a mail is not taken. */
export async function deliver(message: OutboxMessage, parts: DeliveryParts): Promise<void> {
  const text = await textOf(message, parts);
  const receivers =
    message.topic === 'operator.notice'
      ? parts.operatorEmails
      : await parts.db.organizations.ownerEmails(message.body.organizationId);
  for (const to of receivers) await parts.mailer.send({ to, ...text, key: message.key });
}
