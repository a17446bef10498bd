import { AppError } from '@bourse/errors';
import type { ContentPart, Message, Prompt } from '@bourse/generation';
import { type CalledFormat, dataUrl } from '@bourse/wire';
import type { Signal } from '../signal.ts';
import type { MediaFetcher } from './fetch-media.ts';
import type { MediaKind } from './sniff.ts';

/** More than this is a crawl, not a conversation. */
const URLS_MAX = 32;
/** Fetched at once for one request. */
const AT_ONCE = 4;

/** The address of a piece of content, and what it should be; null for text, sound, and what is there already. */
function addressOf(part: ContentPart): { readonly url: string; readonly kind: MediaKind } | null {
  if (part.type === 'image' || part.type === 'video') return { url: part.url, kind: part.type };
  return part.type === 'file' ? { url: part.fileData, kind: 'file' } : null;
}

function withAddress(part: ContentPart, url: string): ContentPart {
  if (part.type === 'image' || part.type === 'video') return { ...part, url };
  return part.type === 'file' ? { ...part, fileData: url } : part;
}

function mapParts(message: Message, change: (part: ContentPart) => ContentPart): Message {
  const content = message.content.map(change);
  return content.every((part, index) => part === message.content[index]) ? message : { ...message, content };
}

/** One generation's media: each is fetched once, and later attempts find it here. */
export class InlineMedia {
  readonly #fetcher: MediaFetcher;
  readonly #cut: Signal;
  readonly #bytesMax: number;
  readonly #fetched = new Map<string, string>();
  #bytes = 0;

  constructor(fetcher: MediaFetcher, { cut, bytesMax }: { readonly cut: Signal; readonly bytesMax: number }) {
    this.#fetcher = fetcher;
    this.#bytesMax = bytesMax;
    this.#cut = cut;
  }

  /**
   * The prompt with the bytes of all media that the dialect's providers do not read by themselves. A client's own body that is forwarded
   * keeps its addresses: the provider knows what to make of them. Throws an AppError of the `image_...` family, or `payload_too_large`.
   */
  async inlined(prompt: Prompt, wire: CalledFormat): Promise<Prompt> {
    const { needsBytes } = wire;
    if (needsBytes === undefined || prompt.source.wire === wire.id) return prompt;
    const wanted = new Map<string, MediaKind>();
    for (const { content } of prompt.messages) {
      for (const part of content) {
        const address = addressOf(part);
        if (address !== null && needsBytes(address.url)) wanted.set(address.url, address.kind);
      }
    }
    if (wanted.size === 0) return prompt;
    await this.#fetchAll(wanted);
    const messages = prompt.messages.map((message) =>
      mapParts(message, (part) => {
        const address = addressOf(part);
        const url = address === null ? undefined : this.#fetched.get(address.url);
        return url === undefined ? part : withAddress(part, url);
      }),
    );
    return { ...prompt, messages };
  }

  async #fetchAll(wanted: ReadonlyMap<string, MediaKind>): Promise<void> {
    const missing = [...wanted].filter(([url]) => !this.#fetched.has(url));
    if (missing.length > URLS_MAX) {
      const message = `At most ${URLS_MAX} media by URL are fetched for one request; send the others as data URLs.`;
      throw new AppError('invalid_request', message, { metadata: { urls_max: URLS_MAX } });
    }
    const stop = new AbortController();
    const onCut = (): void => stop.abort();
    this.#cut.listen(onCut);
    try {
      for (let from = 0; from < missing.length; from += AT_ONCE) {
        const batch = missing.slice(from, from + AT_ONCE);
        await Promise.all(batch.map(([url, kind]) => this.#fetchOne(url, kind, stop.signal)));
      }
    } finally {
      this.#cut.forget(onCut);
      // Where one of them failed, the others are of no use any more.
      stop.abort();
    }
  }

  async #fetchOne(url: string, kind: MediaKind, stop: AbortSignal): Promise<void> {
    const { type, bytes } = await this.#fetcher.fetch(url, kind, stop);
    this.#bytes += bytes.byteLength;
    if (this.#bytes > this.#bytesMax) {
      throw new AppError('payload_too_large', `The media of this request are larger than ${this.#bytesMax} bytes.`, {
        metadata: { bytes_max: this.#bytesMax },
      });
    }
    this.#fetched.set(url, dataUrl(type, bytes.toString('base64')));
  }
}
