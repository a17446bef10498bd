import { type FileAnnotation, isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';
import type { BodyFile, BodyTurn, ConversationForm } from './conversation-form.ts';

/** What tells the conversations of dialects apart. */
export interface ConversationShape {
  /** The list of turns. */
  readonly list: 'messages' | 'input';
  /** The type of a part that is text of the user. */
  readonly textType: 'text' | 'input_text';
  /** A turn without its item. */
  readonly readTurn: (item: JsonObject) => Omit<BodyTurn, 'item'>;
  /** The file that a part is; null for any other part. */
  readonly readFile: (part: JsonObject) => Omit<BodyFile, 'part'> | null;
}

/** A part with its own text changed, and what a tool answered where that is one string. */
function withTexts(part: JsonObject, change: (text: string) => string): JsonObject {
  const { type, text, content } = part;
  if (TEXT_TYPES.has(type) && typeof text === 'string') return { ...part, text: change(text) };
  return typeof content === 'string' ? { ...part, content: change(content) } : part;
}

/** Where items keep their parts. */
const CONTENT_FIELDS = ['content', 'output'] as const;
const TEXT_TYPES: ReadonlySet<JsonValue | undefined> = new Set(['text', 'input_text', 'output_text']);

type Change = (part: JsonObject) => JsonObject;

/** Parts of a list, and those inside of them (what a tool answered is a part with parts). */
function mapParts(content: JsonValue, change: Change): JsonValue {
  if (!Array.isArray(content)) return content;
  return content.map((part: JsonValue) => {
    if (!isJsonObject(part)) return part;
    const changed = change(part);
    const { content: inner } = changed;
    return changed === part && Array.isArray(inner) ? { ...part, content: mapParts(inner, change) } : changed;
  });
}

function mapItem(item: JsonValue, change: Change): JsonValue {
  if (!isJsonObject(item)) return item;
  let changed = item;
  for (const field of CONTENT_FIELDS) {
    const content = item[field];
    if (Array.isArray(content)) changed = { ...changed, [field]: mapParts(content, change) };
  }
  return changed;
}

function itemsOf(body: JsonObject, list: string): readonly JsonValue[] {
  const items = body[list];
  return Array.isArray(items) ? items : [];
}

function fileAnnotationOf(annotation: JsonValue): FileAnnotation | null {
  const file = isJsonObject(annotation) && annotation['type'] === 'file' ? annotation['file'] : undefined;
  if (!isJsonObject(file)) return null;
  const { hash, name, content } = file;
  if (typeof hash !== 'string' || !Array.isArray(content)) return null;
  return { hash, name: typeof name === 'string' ? name : '', content: content.filter(isJsonObject) };
}

/** Annotations beside a message's content or a part's text. */
function annotationsIn(holder: JsonValue): readonly JsonValue[] {
  if (!isJsonObject(holder)) return [];
  const { annotations, content } = holder;
  const inner = Array.isArray(content) ? content.flatMap(annotationsIn) : [];
  return [...(Array.isArray(annotations) ? annotations : []), ...inner];
}

function withoutFiles(holder: JsonValue): JsonValue {
  if (!isJsonObject(holder)) return holder;
  let kept = holder;
  const { annotations, content } = holder;
  if (Array.isArray(annotations) && annotations.some((each) => fileAnnotationOf(each) !== null)) {
    const others = annotations.filter((each: JsonValue) => fileAnnotationOf(each) === null);
    const { annotations: _all, ...rest } = holder;
    kept = others.length === 0 ? rest : { ...rest, annotations: others };
  }
  return Array.isArray(content) ? { ...kept, content: content.map(withoutFiles) } : kept;
}

function tell(items: readonly JsonValue[], text: string, textType: string): readonly JsonValue[] {
  const last = items.findLastIndex((item) => isJsonObject(item) && item['role'] === 'user');
  const item = items[last];
  if (!isJsonObject(item)) return [...items, { role: 'user', content: text }];
  const { content } = item;
  const told = Array.isArray(content)
    ? [...content, { type: textType, text }]
    : `${typeof content === 'string' ? content : ''}\n\n${text}`;
  return items.with(last, { ...item, content: told });
}

/** The form of a dialect whose turns are items of a list with parts in them, as in all that we serve plugins for. */
export function createForm({ list, textType, readTurn, readFile }: ConversationShape): ConversationForm {
  const mapAll = (body: JsonObject, change: (item: JsonValue) => JsonValue): JsonObject =>
    Array.isArray(body[list]) ? { ...body, [list]: itemsOf(body, list).map(change) } : body;
  return {
    turns: (body) =>
      itemsOf(body, list).map((item) =>
        isJsonObject(item)
          ? { item, ...readTurn(item) }
          : { item, role: 'other', calls: [], results: [], isJoined: false },
      ),
    withTurns: (body, items) => ({ ...body, [list]: items }),
    mapTexts(item, change) {
      const changed = mapItem(item, (part) => withTexts(part, change));
      if (!isJsonObject(changed)) return changed;
      const texts = CONTENT_FIELDS.flatMap((field) => {
        const text = changed[field];
        return typeof text === 'string' ? [[field, change(text)] as const] : [];
      });
      return texts.length === 0 ? changed : { ...changed, ...Object.fromEntries(texts) };
    },
    files(body) {
      const files: BodyFile[] = [];
      mapAll(body, (item) =>
        mapItem(item, (part) => {
          const file = readFile(part);
          if (file !== null) files.push({ part, ...file });
          return part;
        }),
      );
      return files;
    },
    withFileTexts: (body, texts) =>
      mapAll(body, (item) =>
        mapItem(item, (part) => {
          const text = texts.get(part);
          return text === undefined ? part : { type: textType, text };
        }),
      ),
    withUserText(body, text) {
      const said = body[list];
      if (typeof said === 'string') return { ...body, [list]: `${said}\n\n${text}` };
      return { ...body, [list]: tell(itemsOf(body, list), text, textType) };
    },
    annotations: (body) =>
      itemsOf(body, list)
        .flatMap(annotationsIn)
        .flatMap((annotation) => fileAnnotationOf(annotation) ?? []),
    withoutAnnotations: (body) => mapAll(body, withoutFiles),
  };
}
