import { AppError } from '@bourse/errors';
import { describe, expect, test } from 'vitest';
import { contextWith, report } from '../../test/any-answer.ts';
import { cutBytes, parseFrames, passThrough } from '../../test/lane-harness.ts';
import { relay } from './relay.ts';

const context = contextWith();
const frame = (type: string, rest: string) => `event: ${type}\ndata: {"type":"${type}"${rest}}\n\n`;

const start = frame(
  'message_start',
  ', "message":{"id":"msg_up","type":"message","model":"up-1","usage":{"input_tokens":9,"output_tokens":1}, "odd": 1.0,"x":{"id":"kept"}}',
);
const block = frame('content_block_start', ',"index":0,"content_block":{"type":"text","text":""}');
const odd = frame('event_of_the_future', ',  "number":1e3,"escaped":"\\u0041"');
const delta = frame(
  'content_block_delta',
  ',"index":0,"delta":{"type":"text_delta","text":"Hello","later":12345678901234567890}',
);
const stop = frame('content_block_stop', ',"index":0');
const ping = frame('ping', '');
const last = frame(
  'message_delta',
  ',"delta":{"stop_reason":"end_turn","stop_sequence":null}, "usage": {"output_tokens":2,"service_tier":"standard", "n": 1.50},"context_management":{"applied_edits":[]}',
);
const over = frame('message_stop', ',"amazon":{"x":1.0}');
const whole = start + block + ping + odd + delta + stop + last + over;

describe('a stream', () => {
  test('passes byte for byte but for what is ours; its end waits for the money', () => {
    const lane = relay.open(context);
    const passed = passThrough(lane, cutBytes(whole, [3, 50, 200, 333]));
    expect(passed.text).toBe(
      frame(
        'message_start',
        ', "message":{"id":"gen-1","type":"message","model":"acme/sprint","usage":{"input_tokens":9,"output_tokens":1}, "odd": 1.0,"x":{"id":"kept"},"provider":"P"}',
      ) +
        block +
        ping +
        odd +
        delta +
        stop,
    );
    expect(passed).toMatchObject({
      outputText: 'Hello',
      usage: { input: 9, output: 2 },
      finish: { unified: 'stop', raw: 'end_turn' },
      upstreamId: 'msg_up',
      error: null,
    });
    const end = lane.finish(report);
    expect(end).toContain(
      '"usage": {"output_tokens":2,"service_tier":"standard", "n": 1.50,"cost":0.0000051,"is_byok":false,',
    );
    expect(end).toContain('},"context_management":{"applied_edits":[]}}\n\n');
    expect(end.endsWith(over)).toBe(true);
  });

  test('an opening without usage gets an empty one, which clients write into', () => {
    const bare = frame('message_start', ',"message":{"id":"msg_up","model":"up-1"}');
    const { text } = passThrough(relay.open(context), cutBytes(bare, []));
    expect(text).toContain('"usage":{"input_tokens":0,"output_tokens":0}');
  });

  test('of several ends the last has the money, and the others keep their place', () => {
    const lane = relay.open(context);
    const first = frame('message_delta', ',"delta":{},"usage":{"output_tokens":1}');
    const { text } = passThrough(lane, cutBytes(start + first + odd + last + over, []));
    expect(text.endsWith(first + odd)).toBe(true);
    expect(parseFrames(lane.finish(report)).map(({ event }) => event)).toEqual(['message_delta', 'message_stop']);
  });

  test('an end without usage, or with one that we could not use, gets ours', () => {
    for (const [usage, isEstimated] of [
      ['', false],
      [',"usage":{"output_tokens":-5}', true],
    ] as const) {
      const lane = relay.open(context);
      passThrough(lane, cutBytes(start + frame('message_delta', `,"delta":{"stop_reason":"end_turn"}${usage}`), []));
      const [end, stopped] = parseFrames(lane.finish({ ...report, isEstimated }));
      expect(JSON.parse(end?.data ?? '')).toMatchObject({
        usage: { input_tokens: 9, output_tokens: 2, cost: 0.0000051 },
      });
      expect(stopped?.event).toBe('message_stop');
    }
  });

  test.each([
    frame('error', ',"error":{"type":"overloaded_error","message":"org-secret123 is overloaded"}'),
    'data: {"type":"content_block_del\n\n',
  ])('a failure is not shown as it came: %j', (bad) => {
    const lane = relay.open(context);
    const passed = passThrough(lane, cutBytes(start + bad, []));
    expect(passed.error).not.toBeNull();
    expect(passed.text).not.toContain('secret');
    const frames = parseFrames(lane.fail(new AppError('provider_failed', 'P failed.')));
    expect(frames).toMatchObject([{ event: 'error' }]);
    expect(JSON.parse(frames[0]?.data ?? '')).toMatchObject({
      type: 'error',
      error: { type: 'api_error', message: 'P failed.', error_type: 'provider_unavailable' },
      request_id: 'gen-1',
    });
  });

  test('a provider that names its events in another way is understood all the same', () => {
    const lane = relay.open(context);
    const passed = passThrough(lane, cutBytes(whole.replace(/^event: .*\n/gm, ''), []));
    expect(passed.text).toContain('"id":"gen-1"');
    expect(passed.text).not.toContain('message_delta');
    expect(lane.finish(report)).toContain('"cost":0.0000051');
  });
});

describe('a body', () => {
  const text =
    '{"id":"msg_up","type":"message","role":"assistant","model":"up-1","content":[{"type":"text","text":"Hi","n":1.0}],' +
    '"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":2,"inference_geo":"x"},"later":1e3}';

  test('passes byte for byte but for what is ours', () => {
    const body = relay.body(text, context);
    expect(body.facts).toMatchObject({ usage: { input: 9, output: 2 }, outputText: 'Hi', error: null });
    const rendered = body.render(report);
    expect(rendered).toContain('"content":[{"type":"text","text":"Hi","n":1.0}],"stop_reason":"end_turn"');
    expect(rendered).toContain('"usage":{"input_tokens":9,"output_tokens":2,"inference_geo":"x","cost":0.0000051,');
    expect(rendered).toContain('"later":1e3');
    expect(JSON.parse(rendered)).toMatchObject({ id: 'gen-1', model: 'acme/sprint', provider: 'P' });
  });

  test.each([
    ['{"type":"error","error":{"type":"overloaded_error","message":"x"}}', 'overloaded'],
    ['{"id":', 'invalid_response'],
    ['', 'invalid_response'],
  ])('that is no answer is a failure: %s', (bad, kind) => {
    expect(relay.body(bad, context).facts.error).toMatchObject({ kind });
  });
});
