import { scanMembers, spliceMembers } from './json-members.ts';
import { createSseParser, formatSse, type SseEvent } from './sse.ts';

/** Members that stand beside those of a dialect, as JSON text by their names. */
export type ExtraMembers = ReadonlyMap<string, string>;

/** A JSON object with the members in it, every other byte as it was; what is no object stays as it is. */
export function withExtraMembers(body: string, members: ExtraMembers): string {
  return body.trimStart().startsWith('{') ? spliceMembers(body, members) : body;
}

/** The same in an object inside of it, where that is there. */
function withMembersAt(data: string, key: string, members: ExtraMembers): string {
  const member = scanMembers(data).findLast((found) => found.key === key);
  if (member === undefined || data[member.valueStart] !== '{') return withExtraMembers(data, members);
  const inner = spliceMembers(data.slice(member.valueStart, member.valueEnd), members);
  return data.slice(0, member.valueStart) + inner + data.slice(member.valueEnd);
}

function eventsOf(frames: string): SseEvent[] {
  const events: SseEvent[] = [];
  const parser = createSseParser((event) => events.push(event), { eventLengthMax: Number.POSITIVE_INFINITY });
  parser.push(new TextEncoder().encode(frames));
  parser.end();
  return events;
}

/**
 * The last frames of a stream with the members in the last event that is an object: the usage chunk, `message_stop`, the response that an
 * answer came to, or the error that it ended with. `wrapper` names the member of an event in which a dialect tells its answer. Frames
 * without such an event stay as they are.
 */
export function withExtraMembersInStream(frames: string, members: ExtraMembers, wrapper?: string): string {
  const events = eventsOf(frames);
  const at = events.findLastIndex(({ data }) => data.startsWith('{'));
  const last = events[at];
  if (last === undefined) return frames;
  const data =
    wrapper === undefined ? withExtraMembers(last.data, members) : withMembersAt(last.data, wrapper, members);
  return events
    .with(at, { ...last, data })
    .map(formatSse)
    .join('');
}
