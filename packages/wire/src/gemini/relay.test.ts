import { AppError } from '@bourse/errors';
import type { Prompt } from '@bourse/generation';
import { describe, expect, test } from 'vitest';
import type { AnswerContext, UsageReport } from '../wire-format.ts';
import { relay } from './relay.ts';

const prompt: Prompt = {
  model: 'google/gemini',
  modelFallbacks: [],
  messages: [],
  tools: [],
  sampling: {},
  choiceCount: 1,
  isStreamed: true,
  preferences: {},
  parameters: [],
  inputBytes: 0,
  source: { wire: 'gemini', body: {} },
  extensions: {},
};
const context: AnswerContext = {
  head: { id: 'gen-1', model: 'google/gemini', provider: 'Google', createdUnixSeconds: 1 },
  prompt,
};
const report: UsageReport = {
  usage: { input: 4, output: 2 },
  costUsd: '0.5',
  upstreamCostUsd: null,
  isEstimated: false,
};
const event = (data: string) => ({ event: null, data });
const ours = '"modelVersion":"google/gemini","responseId":"gen-1"';

describe('a relayed stream', () => {
  test('passes byte for byte but for the version, the id and the counts, which come last with the cost', () => {
    const lane = relay.open(context);
    const first = lane.event(
      event(
        '{"candidates": [{"content": {"parts": [{"text": "a", "new": 1.0}]}}], "usageMetadata": {"promptTokenCount": 4}, "modelVersion": "gemini-x", "responseId": "r"}',
      ),
    );
    expect(first.text).toBe(
      'data: {"candidates": [{"content": {"parts": [{"text": "a", "new": 1.0}]}}], "modelVersion": "google/gemini", "responseId": "gen-1"}\n\n',
    );
    expect(first.facts).toMatchObject({ outputText: 'a', upstreamId: 'r', usage: { input: 4, output: 0 } });
    const last = lane.event(
      event(
        '{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":2,"x":1.50}}',
      ),
    );
    expect(last).toMatchObject({ text: '', isEnd: false, facts: { finish: { unified: 'stop' } } });
    expect(lane.end()).toMatchObject({ text: '', isEnd: true });
    expect(lane.finish(report)).toBe(
      'data: {"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":2,"x":1.50,' +
        `"cost":0.5,"costDetails":{"upstreamInferenceCost":null}},${ours}}\n\n`,
    );
  });

  test('chunks after the end wait as well, and the counts of the last chunk count', () => {
    const lane = relay.open(context);
    lane.event(event('{"candidates":[{"finishReason":"STOP"}]}'));
    lane.event(event('{"candidates":[{"index":1,"finishReason":"STOP"}]}'));
    lane.event(event('{"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":2}}'));
    const frames = lane.finish(report).trim().split('\n\n');
    expect(frames).toHaveLength(2);
    expect(frames[0]).toBe(`data: {"candidates":[{"finishReason":"STOP"}],${ours}}`);
    expect(frames[1]).toContain('"promptTokenCount":4,"candidatesTokenCount":2,"cost":0.5');
  });

  test('an estimate replaces what the provider says of its counts', () => {
    const lane = relay.open(context);
    lane.event(event('{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":-4}}'));
    const text = lane.finish({ ...report, isEstimated: true });
    expect(text).toContain('"promptTokenCount":4,');
    expect(text).not.toContain('-4');
  });

  test('errors and nonsense do not pass: the caller tells them in its own words', () => {
    for (const data of ['{"error":{"code":500,"message":"AIzaSecret0000000","status":"INTERNAL"}}', '{"cand', '5']) {
      const lane = relay.open(context);
      const { text, facts } = lane.event(event(data));
      expect(text).toBe('');
      expect(facts.error).not.toBeNull();
    }
    const failed = relay.open(context).fail(new AppError('provider_failed', 'Broken.'));
    expect(failed).toMatch(/^data: \{"error":\{"code":502,.*\}\n\n$/);
  });

  test('an end without any chunk that could take the counts along still tells them', () => {
    expect(relay.open(context).finish(report)).toContain('"cost":0.5');
  });

  test('a filtered prompt passes as Google says it', () => {
    const lane = relay.open(context);
    expect(lane.event(event('{"promptFeedback":{"blockReason":"SAFETY"}}')).facts.finish).toEqual({
      unified: 'content_filter',
      raw: 'SAFETY',
    });
    expect(lane.finish(report)).toContain('{"promptFeedback":{"blockReason":"SAFETY"},');
  });
});

describe('a relayed body', () => {
  test("keeps unknown fields and Google's counts, and gets the cost", () => {
    const body =
      '{ "candidates": [{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP","new":1e2}], "usageMetadata": {"promptTokenCount":4} }';
    const answer = relay.body(body, context);
    expect(answer.facts).toMatchObject({ outputText: 'a', error: null, usage: { input: 4, output: 0 } });
    const text = answer.render(report);
    expect(text).toContain('"new":1e2}]');
    expect(text).toContain(
      '"usageMetadata": {"promptTokenCount":4,"cost":0.5,"costDetails":{"upstreamInferenceCost":null}}',
    );
    expect(text).toContain(ours);
    expect(JSON.parse(text)).toMatchObject({ modelVersion: 'google/gemini', responseId: 'gen-1' });
  });

  test.each([
    ['[{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}]'],
    ['{}'],
    ['<html>'],
    ['[{"error":{"code":500,"message":"x","status":"INTERNAL"}}]'],
  ])('%s is not for the client', (body) => {
    expect(relay.body(body, context).facts.error).not.toBeNull();
  });
});
