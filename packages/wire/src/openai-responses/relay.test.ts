import { AppError } from '@bourse/errors';
import { describe, expect, test } from 'vitest';
import { contextWith, report } from '../../test/any-answer.ts';
import { cutBytes, parseFrames, passThrough } from '../../test/lane-harness.ts';
import { openaiResponses } from './index.ts';

const context = contextWith();
const open = () => openaiResponses.relay.open(context);
const frame = (type: string, rest: string) => `event: ${type}\ndata: {"type":"${type}",${rest}}\n\n`;

const created = frame(
  'response.created',
  '"sequence_number":0,"response":{"id":"resp_up","model":"up-1","usage":null, "odd": 1.0,"unknown":{"id":"kept"}}',
);
const odd = frame('response.future_event', '"sequence_number":1,  "number":1e3,"escaped":"\\u0041"');
const delta = frame(
  'response.output_text.delta',
  '"sequence_number":2,"item_id":"msg_up","output_index":0,"content_index":0,"delta":"Hel","obfuscation":"x"',
);
const done = frame(
  'response.output_item.done',
  '"sequence_number":3,"output_index":0,"item":{"id":"msg_up","type":"message","content":[{"type":"output_text","text":"Hello"}]}',
);
const last = frame(
  'response.completed',
  '"sequence_number":4,"response":{"id":"resp_up","status":"completed","model":"up-1","output":[],"usage":{"input_tokens":9,"output_tokens":2,"total_tokens":11},"later":1.50}',
);

describe('a stream', () => {
  test('passes byte for byte but for what is ours; its last event waits for the money', () => {
    const lane = open();
    const passed = passThrough(lane, cutBytes(created + odd + delta + done + last, [3, 50, 200, 333]));
    expect(passed.text).toContain(odd + delta + done);
    expect(passed.text).toContain(
      '"response":{"id":"gen-1","model":"acme/sprint","usage":null, "odd": 1.0,"unknown":{"id":"kept"},"provider":"P"}',
    );
    expect(passed.text).not.toContain('response.completed');
    expect(passed).toMatchObject({
      outputText: 'Hello',
      usage: { input: 9, output: 2 },
      finish: { unified: 'stop' },
      upstreamId: 'resp_up',
      error: null,
    });
    const frames = parseFrames(lane.finish(report));
    expect(frames.map(({ event }) => event)).toEqual(['response.completed', null]);
    expect(frames[0]?.data).toContain('"cost":0.0000051');
    expect(frames[0]?.data).toContain('"later":1.50');
    expect(frames[0]?.data).not.toMatch(/resp_up|up-1/);
  });

  test.each([
    [
      'a failed response',
      frame(
        'response.failed',
        '"response":{"id":"resp_up","status":"failed","error":{"code":"server_error","message":"org-secret123 broke"}}',
      ),
    ],
    ['an error event', 'event: error\ndata: {"type":"error","message":"org-secret123 broke"}\n\n'],
  ])(
    '%s is not passed on: the caller says in our words what went wrong, and what was whole stays',
    (_name, failure) => {
      const lane = open();
      const passed = passThrough(lane, cutBytes(created + delta + done + failure, []));
      expect(passed.error).toMatchObject({ kind: 'server_error' });
      expect(passed.text).not.toContain('secret');
      const frames = parseFrames(lane.fail(new AppError('provider_failed', 'It broke.')));
      expect(frames.at(-1)?.data).toBe('[DONE]');
      expect(JSON.parse(frames[0]?.data ?? '')).toMatchObject({
        type: 'response.failed',
        sequence_number: 4,
        response: {
          status: 'failed',
          error: { message: 'It broke.' },
          output: [{ id: 'msg_up' }],
          output_text: 'Hello',
        },
      });
      expect(frames).toHaveLength(2);
    },
  );

  test('that never began is begun before it fails', () => {
    const frames = parseFrames(open().fail(new AppError('context_length_exceeded', 'Too long.')));
    expect(frames.map(({ event }) => event)).toEqual(['response.created', 'response.incomplete', null]);
  });

  test('that ends without its last event has no finish', () => {
    const passed = passThrough(open(), cutBytes(created + delta, []));
    expect(passed).toMatchObject({ finish: null, error: null, outputText: 'Hel' });
  });

  test('bytes that are no events are a failure', () => {
    const passed = passThrough(open(), cutBytes(`${created}data: {"type":"respo\n\n`, []));
    expect(passed.error).toMatchObject({ kind: 'invalid_response' });
  });
});

describe('a body', () => {
  const output = '"output":[ {"type":"message","content":[{"type":"output_text","text":"Hi"}],"new":1.0} ]';
  const body = `{"id":"resp_up","status":"completed","model":"up-1",${output},"usage":{"input_tokens":9,"output_tokens":2}, "later":1e2}`;

  test('passes byte for byte but for what is ours', () => {
    const answer = openaiResponses.relay.body(body, context);
    expect(answer.facts).toMatchObject({
      outputText: 'Hi',
      usage: { input: 9, output: 2 },
      finish: { unified: 'stop' },
    });
    const text = answer.render(report);
    expect(text).toContain(output);
    expect(text).toContain(', "later":1e2');
    expect(JSON.parse(text)).toMatchObject({
      id: 'gen-1',
      model: 'acme/sprint',
      provider: 'P',
      output_text: 'Hi',
      usage: { cost: 0.0000051 },
    });
  });

  test.each([['<html>'], ['{}'], ['{"status":"failed","output":[],"error":{"message":"x"}}']])(
    '%s is a failure',
    (text) => {
      expect(openaiResponses.relay.body(text, context).facts.error).not.toBeNull();
    },
  );
});
