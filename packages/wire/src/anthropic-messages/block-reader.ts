import { type Citation, type GenerationEvent, isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';
import { wordTable } from '../word-table.ts';
import { CLAUDE } from './foreign-reasoning.ts';

/** A block that a provider has opened. */
interface OpenBlock {
  readonly kind: 'text' | 'thinking' | 'tool' | 'other';
  /** Its number in the hub, which has no place for blocks of other kinds. */
  readonly block: number;
  /** The arguments of a call that came with its start: they count when no others follow. */
  input: string | null;
}

/** Reads the content blocks of one answer as events. */
export interface BlockReader {
  start(index: number, block: JsonObject): GenerationEvent[];
  delta(index: number, delta: JsonObject): GenerationEvent[];
  stop(index: number): GenerationEvent[];
  /** A tool of the client was called. */
  readonly hasCall: boolean;
  /** Nothing of an answer has come. */
  readonly isEmpty: boolean;
}

function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}

/** A source on the web, or of a search result that the client gave. Passages of documents have no address. */
function citationOf(citation: JsonValue | undefined): Citation | null {
  if (!isJsonObject(citation)) return null;
  const url =
    textAt(citation, 'url') || (citation['type'] === 'search_result_location' ? textAt(citation, 'source') : '');
  if (url === '') return null;
  const [title, content] = [textAt(citation, 'title'), textAt(citation, 'cited_text')];
  return { url, ...(title === '' ? {} : { title }), ...(content === '' ? {} : { content }), start: -1, end: -1 };
}

function citationEvents(citation: JsonValue | undefined): GenerationEvent[] {
  const found = citationOf(citation);
  return found === null ? [] : [{ type: 'citation', choice: 0, citation: found }];
}

function textEvents(block: number, text: string): GenerationEvent[] {
  return text === '' ? [] : [{ type: 'text-delta', choice: 0, block, text }];
}

function thoughtEvents(block: number, text: string, signature: string): GenerationEvent[] {
  if (text === '' && signature === '') return [];
  const signed = signature === '' ? {} : { signature };
  return [{ type: 'reasoning-delta', choice: 0, block, kind: 'text', text, ...signed, format: CLAUDE }];
}

function argumentEvents(block: number, argumentsText: string): GenerationEvent[] {
  return argumentsText === '' ? [] : [{ type: 'tool-call-delta', choice: 0, block, argumentsText }];
}

/** What a delta says in a block that was never opened. */
const KIND_OF_DELTA: ReadonlyMap<string, 'text' | 'thinking'> = wordTable({
  text_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'thinking',
});

function deltaEvents(open: OpenBlock, delta: JsonObject): GenerationEvent[] {
  const { block, kind } = open;
  switch (textAt(delta, 'type')) {
    case 'text_delta':
      return kind === 'text' ? textEvents(block, textAt(delta, 'text')) : [];
    case 'thinking_delta':
      return kind === 'thinking' ? thoughtEvents(block, textAt(delta, 'thinking'), '') : [];
    case 'signature_delta':
      return kind === 'thinking' ? thoughtEvents(block, '', textAt(delta, 'signature')) : [];
    case 'citations_delta':
      return citationEvents(delta['citation']);
    case 'input_json_delta': {
      const piece = textAt(delta, 'partial_json');
      if (kind !== 'tool' || piece === '') return [];
      open.input = null;
      return argumentEvents(block, piece);
    }
    default:
      return [];
  }
}

/** A reader for one answer. Blocks are found by the index that the provider gives them, so that a late signature finds its own. */
export function createBlockReader(restoredName: (name: string) => string): BlockReader {
  const open = new Map<number, OpenBlock>();
  const ids = new Set<string>();
  let count = 0;

  function begin(index: number, kind: OpenBlock['kind'], input: string | null = null): OpenBlock {
    const opened = { kind, block: count, input };
    if (kind !== 'other') count += 1;
    open.set(index, opened);
    return opened;
  }

  function beginCall(index: number, tool: JsonObject): GenerationEvent[] {
    const { input } = tool;
    const { block } = begin(index, 'tool', isJsonObject(input) ? JSON.stringify(input) : '{}');
    const given = textAt(tool, 'id');
    const callId = given === '' || ids.has(given) ? `toolu_${block}` : given;
    ids.add(callId);
    return [{ type: 'tool-call-start', choice: 0, block, callId, name: restoredName(textAt(tool, 'name')) }];
  }

  function beginBlock(index: number, block: JsonObject): GenerationEvent[] {
    switch (textAt(block, 'type')) {
      case 'text': {
        const { citations } = block;
        const cited = Array.isArray(citations) ? citations.flatMap(citationEvents) : [];
        return [...textEvents(begin(index, 'text').block, textAt(block, 'text')), ...cited];
      }
      case 'thinking':
        return thoughtEvents(begin(index, 'thinking').block, textAt(block, 'thinking'), textAt(block, 'signature'));
      case 'redacted_thinking': {
        const data = textAt(block, 'data');
        const { block: number } = begin(index, 'thinking');
        const blob = { type: 'reasoning-delta', choice: 0, block: number, kind: 'encrypted', text: data } as const;
        return data === '' ? [] : [{ ...blob, format: CLAUDE }];
      }
      case 'tool_use':
        return beginCall(index, block);
      default:
        // What a provider's own tools did: shown to clients of this dialect, and nothing that the hub could say.
        begin(index, 'other');
        return [];
    }
  }

  function stop(index: number): GenerationEvent[] {
    const ended = open.get(index);
    if (ended?.kind !== 'tool' || ended.input === null) return [];
    const { input } = ended;
    ended.input = null;
    return argumentEvents(ended.block, input);
  }

  return {
    start: (index, block) => [...stop(index), ...beginBlock(index, block)],
    delta(index, delta) {
      const kind = KIND_OF_DELTA.get(textAt(delta, 'type'));
      const known = open.get(index) ?? (kind && begin(index, kind));
      return known ? deltaEvents(known, delta) : [];
    },
    stop,
    get hasCall() {
      return ids.size > 0;
    },
    get isEmpty() {
      return open.size === 0;
    },
  };
}
