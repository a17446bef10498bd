import { openaiChat } from '@bourse/wire';
import { describe, expect, test } from 'vitest';
import { Meter, type Metered } from './meter.ts';

const context = {
  head: { id: 'gen-1', model: 'a/m', provider: 'P', createdUnixSeconds: 1 },
  prompt: openaiChat.decodePrompt({ model: 'a/m', messages: [{ role: 'user', content: 'Hi' }] }),
};

/** What a meter reads after these chunks of a stream. */
function read(...chunks: readonly object[]): Metered {
  const meter = new Meter();
  const lane = openaiChat.relay.open(context);
  for (const chunk of chunks) {
    const data = JSON.stringify({ id: 'up-1', ...chunk });
    meter.observe(lane.event({ event: null, data }).facts, () => 1_000);
  }
  return meter.read();
}

const text = (content: string) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
const finish = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
const usage = (prompt: number, completion: number) => ({
  choices: [],
  usage: { prompt_tokens: prompt, completion_tokens: completion, cost: 0 },
});

describe('Meter', () => {
  test('takes usage at the end as current; a cost of zero beside tokens changes nothing', () => {
    expect(read(text('Hi'), finish, usage(3, 1))).toMatchObject({
      usage: { input: 3, output: 1 },
      isUsageCurrent: true,
      isUsageUnreadable: false,
      output: { text: 'Hi', characters: 2, bytes: 2 },
      finishReason: 'stop',
      firstTokenAtMs: 1_000,
    });
  });

  test('takes usage before the last output as outdated, and the next report as current again', () => {
    expect(read(usage(3, 1), text('Hi'))).toMatchObject({ usage: { input: 3 }, isUsageCurrent: false });
    expect(read(usage(3, 1), text('Hi'), usage(3, 2))).toMatchObject({ usage: { output: 2 }, isUsageCurrent: true });
  });

  test('keeps usage over the nulls that some providers send with each chunk', () => {
    expect(read(text('Hi'), usage(3, 1), { ...finish, usage: null })).toMatchObject({
      usage: { input: 3 },
      isUsageCurrent: true,
    });
  });

  test('remembers that counts came which are none', () => {
    expect(read(text('Hi'), finish, usage(-3, 1))).toMatchObject({ usage: null, isUsageUnreadable: true });
    expect(read(text('Hi'), finish, usage(3, 1.5))).toMatchObject({ usage: null, isUsageUnreadable: true });
    expect(read(text('Hi'), usage(3, 1.5), usage(3, 1))).toMatchObject({
      usage: { input: 3 },
      isUsageUnreadable: false,
    });
  });

  test('knows nothing of usage when none came, or one without counts', () => {
    expect(read(text('Hi'), finish)).toMatchObject({ usage: null, isUsageUnreadable: false, isUsageCurrent: false });
    expect(read(text('Hi'), { ...finish, usage: {} })).toMatchObject({ usage: null, isUsageUnreadable: false });
  });
});
