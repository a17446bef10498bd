import { buffer } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { Envelope, Mailbox } from './mailbox.ts';

const MAIL_BYTES_MAX = 10 * 1024 * 1024;

/** An SMTP server that takes any mail from anyone who reaches it. */
export type SmtpServer = {
  /** Resolves with the port in use; rejects when it is taken. */
  readonly listen: (port: number, host: string) => Promise<number>;
  readonly close: () => Promise<void>;
};

function envelopeOf({ envelope }: SMTPServerSession): Envelope {
  const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
  return { from, to: envelope.rcptTo.map(({ address }) => address) };
}

/** Builds the server; every mail goes to the mailbox. No sign-in, no encryption: it listens on localhost. */
export function createSmtpServer(mailbox: Mailbox): SmtpServer {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    banner: 'the sandbox takes every mail and delivers none',
    size: MAIL_BYTES_MAX,
    // Looking up the name of the client would wait for a name server that a sandbox may not have.
    disableReverseLookup: true,
    closeTimeout: 100,
    onData: (stream, session, callback) => {
      buffer(stream)
        .then(async (source) => {
          if (stream.sizeExceeded) throw new Error('552 the mail is larger than 10 MiB');
          return mailbox.receive(source, envelopeOf(session));
        })
        .then(
          (mail) => callback(null, `kept as ${mail.id}`),
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
        );
    },
  });
  // A client that breaks off is no reason to fall over; a taken port is told by `listen`.
  server.on('error', () => undefined);

  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.server.once('error', reject);
        server.listen(port, host, () => {
          const address = server.server.address();
          resolve(typeof address === 'object' && address !== null ? address.port : port);
        });
      }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
