import type { Citation, JsonObject, ReasoningDelta } from '@bourse/generation';
import { sealDetail } from './reasoning-items.ts';
import { Item, type ItemPlace, type ItemStatus } from './written-item.ts';

interface TextPart {
  readonly type: 'output_text';
  text: string;
  readonly annotations: JsonObject[];
  readonly logprobs: JsonObject[];
  signature?: string;
}

interface RefusalPart {
  readonly type: 'refusal';
  refusal: string;
}

/** What the model says: parts of text and of refusal. */
export class MessageItem extends Item {
  readonly #parts: (TextPart | RefusalPart)[] = [];
  #status: ItemStatus | 'in_progress' = 'in_progress';
  #block: number | null = null;

  get json(): JsonObject {
    const content = this.#parts.map((part): JsonObject => ({ ...part }));
    return { id: this.place.id, type: 'message', status: this.#status, role: 'assistant', content };
  }

  text(block: number, text: string, signature: string | undefined): string {
    const opened = block === this.#block ? '' : this.#openText(block);
    const part = this.#parts.at(-1);
    if (part?.type !== 'output_text') return opened;
    if (signature !== undefined) part.signature = signature;
    if (text === '') return opened;
    part.text += text;
    return opened + this.#write('response.output_text.delta', { delta: text, logprobs: [] });
  }

  refusal(text: string): string {
    const isOpen = this.#parts.at(-1)?.type === 'refusal';
    const opened = isOpen ? '' : this.#openPart({ type: 'refusal', refusal: '' });
    this.#block = null;
    const part = this.#parts.at(-1);
    if (part?.type === 'refusal') part.refusal += text;
    return opened + this.#write('response.refusal.delta', { delta: text });
  }

  citation({ url, title, start, end }: Citation): string {
    return this.annotation({
      type: 'url_citation',
      url,
      title: title ?? '',
      start_index: Math.max(start, 0),
      end_index: Math.max(end, 0),
    });
  }

  /** Something beside the text. */
  annotation(annotation: JsonObject): string {
    const opened = this.#parts.at(-1)?.type === 'output_text' ? '' : this.#openText(-1);
    const part = this.#parts.at(-1);
    if (part?.type !== 'output_text') return opened;
    part.annotations.push(annotation);
    const annotation_index = part.annotations.length - 1;
    return opened + this.#write('response.output_text.annotation.added', { annotation_index, annotation });
  }

  /** They are told with the whole text, where they came too late for its pieces. */
  logprobs(entries: readonly JsonObject[]): void {
    const part = this.#parts.at(-1);
    if (part?.type === 'output_text') part.logprobs.push(...entries);
  }

  close(status: ItemStatus): string {
    const closed = this.#closePart();
    this.#status = status;
    return closed + this.done();
  }

  #openText(block: number): string {
    const opened = this.#openPart({ type: 'output_text', text: '', annotations: [], logprobs: [] });
    this.#block = block;
    return opened;
  }

  #openPart(part: TextPart | RefusalPart): string {
    const closed = this.#closePart();
    this.#parts.push(part);
    return closed + this.#write('response.content_part.added', { part: { ...part } });
  }

  #closePart(): string {
    const part = this.#parts.at(-1);
    if (part === undefined) return '';
    const done =
      part.type === 'output_text'
        ? this.#write('response.output_text.done', { text: part.text, logprobs: part.logprobs })
        : this.#write('response.refusal.done', { refusal: part.refusal });
    return done + this.#write('response.content_part.done', { part: { ...part } });
  }

  #write(type: string, members: JsonObject): string {
    return this.write(type, { content_index: this.#parts.length - 1, ...members });
  }
}

interface ThoughtPart {
  readonly block: number;
  readonly kind: 'text' | 'summary';
  text: string;
}

/** What the model thinks: summaries, words, and what its maker must have back. */
export class ReasoningItem extends Item {
  readonly #sourceId: string | undefined;
  readonly #format: ReasoningDelta['format'];
  readonly #parts: ThoughtPart[] = [];
  #sealed: string | null = null;

  constructor(place: ItemPlace, { id, format }: ReasoningDelta) {
    super(place);
    this.#sourceId = id;
    this.#format = format;
  }

  get json(): JsonObject {
    const of = (kind: ThoughtPart['kind'], type: string) =>
      this.#parts.filter((part) => part.kind === kind).map(({ text }): JsonObject => ({ type, text }));
    const content = of('text', 'reasoning_text');
    return {
      id: this.place.id,
      type: 'reasoning',
      summary: of('summary', 'summary_text'),
      ...(content.length === 0 ? {} : { content }),
      encrypted_content: this.#sealed,
      ...(this.#format === 'unknown' ? {} : { format: this.#format }),
    };
  }

  /** True for more of the same item: another piece of its block, or of what the provider made one item. */
  takes({ block, id, kind, signature }: ReasoningDelta): boolean {
    const isMore = this.#parts.at(-1)?.block === block;
    const isSame = isMore || (id !== undefined && id === this.#sourceId);
    // There is room for one blob or signature.
    return isSame && (this.#sealed === null || (kind !== 'encrypted' && signature === undefined));
  }

  push(event: ReasoningDelta): string {
    const { kind, text, signature, format } = event;
    if (kind === 'encrypted') {
      this.#sealed = sealDetail({ type: 'encrypted', data: text, format });
      return '';
    }
    if (signature !== undefined) this.#sealed = sealDetail({ type: 'text', text: '', signature, format });
    const isMore = this.#parts.at(-1)?.block === event.block;
    const opened = isMore || (text === '' && signature !== undefined) ? '' : this.#openPart(event.block, kind);
    const part = this.#parts.at(-1);
    if (part === undefined || text === '') return opened;
    part.text += text;
    return opened + this.#write(part, 'delta', { delta: text });
  }

  close(): string {
    return this.#closePart() + this.done();
  }

  #openPart(block: number, kind: ThoughtPart['kind']): string {
    const closed = this.#closePart();
    const part: ThoughtPart = { block, kind, text: '' };
    this.#parts.push(part);
    return closed + this.#writePart(part, 'added', '');
  }

  #closePart(): string {
    const part = this.#parts.at(-1);
    if (part === undefined) return '';
    return this.#write(part, 'done', { text: part.text }) + this.#writePart(part, 'done', part.text);
  }

  #indexOf({ kind }: ThoughtPart): JsonObject {
    const index = this.#parts.filter((part) => part.kind === kind).length - 1;
    return kind === 'summary' ? { summary_index: index } : { content_index: index };
  }

  #writePart(part: ThoughtPart, event: 'added' | 'done', text: string): string {
    const isSummary = part.kind === 'summary';
    const type = isSummary ? 'response.reasoning_summary_part' : 'response.content_part';
    const written = { type: isSummary ? 'summary_text' : 'reasoning_text', text };
    return this.write(`${type}.${event}`, { ...this.#indexOf(part), part: written });
  }

  #write(part: ThoughtPart, event: 'delta' | 'done', members: JsonObject): string {
    const type = part.kind === 'summary' ? 'response.reasoning_summary_text' : 'response.reasoning_text';
    return this.write(`${type}.${event}`, { ...this.#indexOf(part), ...members });
  }
}
