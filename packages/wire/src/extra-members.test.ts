import { expect, test } from 'vitest';
import { withExtraMembers, withExtraMembersInStream } from './extra-members.ts';

const members = new Map([['openrouter_metadata', '{"attempt":1}']]);

test('a body gets the members, and every other byte stays', () => {
  expect(withExtraMembers('{ "a": 1.0, "b": "x" }', members)).toBe(
    '{ "a": 1.0, "b": "x","openrouter_metadata":{"attempt":1} }',
  );
  expect(withExtraMembers('{}', members)).toBe('{"openrouter_metadata":{"attempt":1}}');
});

test("a member of the provider's own by that name gives way to ours", () => {
  expect(withExtraMembers('{"openrouter_metadata":{"attempt":9},"b":1}', members)).toBe(
    '{"openrouter_metadata":{"attempt":1},"b":1}',
  );
});

test('what is no object stays as it is', () => {
  expect(withExtraMembers('WEBVTT', members)).toBe('WEBVTT');
  expect(withExtraMembersInStream('data: [DONE]\n\n', members)).toBe('data: [DONE]\n\n');
});

test('of the last frames of a stream the last object gets them, and the end mark stays behind it', () => {
  const frames = 'data: {"choices":[{"delta":{}}]}\n\ndata: {"choices":[],"usage":{"cost":1}}\n\ndata: [DONE]\n\n';
  expect(withExtraMembersInStream(frames, members)).toBe(
    'data: {"choices":[{"delta":{}}]}\n\ndata: {"choices":[],"usage":{"cost":1},"openrouter_metadata":{"attempt":1}}\n\ndata: [DONE]\n\n',
  );
});

test('named events keep their names', () => {
  const frames = 'event: message_delta\ndata: {"a":1}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n';
  expect(withExtraMembersInStream(frames, members)).toBe(
    'event: message_delta\ndata: {"a":1}\n\nevent: message_stop\ndata: {"type":"message_stop","openrouter_metadata":{"attempt":1}}\n\n',
  );
});

test('where an event wraps the answer they go into the answer; an event without one takes them itself', () => {
  const of = (data: string) => withExtraMembersInStream(`data: ${data}\n\ndata: [DONE]\n\n`, members, 'response');
  expect(of('{"type":"response.completed","response":{"id":"x"},"n":1}')).toBe(
    'data: {"type":"response.completed","response":{"id":"x","openrouter_metadata":{"attempt":1}},"n":1}\n\ndata: [DONE]\n\n',
  );
  expect(of('{"type":"error"}')).toContain('{"type":"error","openrouter_metadata":{"attempt":1}}');
});
