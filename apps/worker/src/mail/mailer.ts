import { createTransport } from 'nodemailer';

/** A mail to one person. */
export interface OutgoingMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** What the mail is, the same at every attempt: mail programs show one of two with the same id. */
  readonly key: string;
}

/** Hands mail over for delivery. */
export interface Mailer {
  /** Rejects when the server does not take it. */
  send(mail: OutgoingMail): Promise<void>;
  close(): void;
}

const TIMEOUT_MS = 20_000;

/** A mailer over SMTP. `smtpUrl` is `smtp://` or `smtps://`, with user and password if needed. */
export function createMailer(options: { readonly smtpUrl: string; readonly from: string }): Mailer {
  const { smtpUrl, from } = options;
  const timeouts = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };
  const transport = createTransport({ url: smtpUrl, ...timeouts });
  return {
    async send({ to, subject, text, key }) {
      const messageId = `<${key.replaceAll(/[^a-zA-Z0-9.-]/g, '-')}@bourse>`;
      // As an object the address cannot be read as a list, whatever is in it.
      await transport.sendMail({ from, to: { name: '', address: to }, subject, text, messageId });
    },
    close: () => transport.close(),
  };
}
