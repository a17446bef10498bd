import { type ParsedMail, simpleParser } from 'mailparser';
import { randomId } from '../identifiers.ts';

/** A mail as `mailbox.json` shows it. `to` are all recipients, hidden ones included; addresses are in lower case. */
export type Mail = {
  readonly id: string;
  readonly to: readonly string[];
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  /** Every web address in the mail, once, in the order in which they appear: of the text first, then of the HTML. */
  readonly links: readonly string[];
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
};

/** Who sends and receives according to SMTP, which knows hidden recipients as well. */
export type Envelope = { readonly from: string; readonly to: readonly string[] };

/** The mails that arrived. */
export type Mailbox = {
  readonly receive: (source: Buffer, envelope: Envelope) => Promise<Mail>;
  /** Newest first; only those to this address when one is given. */
  readonly list: (to?: string) => readonly Mail[];
  readonly get: (id: string) => Mail | undefined;
  readonly clear: () => void;
};

const MAILS_MAX = 500;

function decodeEntities(text: string): string {
  return text.replaceAll('&amp;', '&').replaceAll('&#38;', '&').replaceAll('&quot;', '"').replaceAll('&#x3D;', '=');
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** The web addresses of a mail, each once. Trailing punctuation of a sentence is not part of an address. */
export function linksOf(text: string, html: string | null): string[] {
  const inText = [...text.matchAll(/https?:\/\/[^\s<>"'`]+/g)].map(([url]) => url.replace(/[.,;:!?)\]]+$/, ''));
  const inHtml = [...(html ?? '').matchAll(/href\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)].map(([, double, single]) =>
    decodeEntities(double ?? single ?? ''),
  );
  return [...new Set([...inText, ...inHtml].filter(isWebAddress))];
}

function toMail(parsed: ParsedMail, envelope: Envelope, receivedAt: Date): Mail {
  const html = typeof parsed.html === 'string' ? parsed.html : null;
  const text = parsed.text ?? '';
  return {
    id: randomId('mail_', 16),
    to: envelope.to.map((address) => address.toLowerCase()),
    from: parsed.from?.value[0]?.address ?? envelope.from,
    subject: parsed.subject ?? '(no subject)',
    text,
    html,
    links: linksOf(text, html),
    receivedAt: receivedAt.toISOString(),
  };
}

/** An empty mailbox that keeps the last 500 mails, in memory. `now` is in milliseconds since the epoch. */
export function createMailbox(now: () => number): Mailbox {
  let mails: readonly Mail[] = [];
  return {
    receive: async (source, envelope) => {
      const mail = toMail(await simpleParser(source), envelope, new Date(now()));
      mails = [mail, ...mails].slice(0, MAILS_MAX);
      return mail;
    },
    list: (to) => (to === undefined ? mails : mails.filter((mail) => mail.to.includes(to.trim().toLowerCase()))),
    get: (id) => mails.find((mail) => mail.id === id),
    clear: () => {
      mails = [];
    },
  };
}
