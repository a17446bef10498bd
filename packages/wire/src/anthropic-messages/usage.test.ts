import { describe, expect, test } from 'vitest';
import { claimsUsage, decodeUsage, encodeUsage, mergeUsage } from './usage.ts';

const plain = { input_tokens: 10, output_tokens: 5 };

describe('decodeUsage', () => {
  test.each([
    ['fresh tokens alone', plain, { input: 10, output: 5 }],
    [
      'a cache that was read and written beside them',
      { ...plain, cache_read_input_tokens: 100, cache_creation_input_tokens: 7 },
      { input: 10, output: 5, input_cache_read: 100, input_cache_write: 7 },
    ],
    [
      'writes by their life',
      {
        ...plain,
        cache_creation_input_tokens: 7,
        cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 },
      },
      { input: 10, output: 5, input_cache_write: 3, input_cache_write_1h: 4 },
    ],
    [
      'writes by their life without their sum',
      { ...plain, cache_creation: { ephemeral_1h_input_tokens: 4 } },
      { input: 10, output: 5, input_cache_write_1h: 4 },
    ],
    [
      'thoughts among the output',
      { ...plain, output_tokens_details: { thinking_tokens: 2 } },
      { input: 10, output: 3, output_reasoning: 2 },
    ],
    ['searches', { ...plain, server_tool_use: { web_search_requests: 2 } }, { input: 10, output: 5, web_search: 2 }],
    [
      'compactions, which the totals leave out',
      {
        ...plain,
        iterations: [
          { type: 'compaction', input_tokens: 1000, output_tokens: 50 },
          { type: 'message', input_tokens: 10, output_tokens: 5 },
        ],
      },
      { input: 1010, output: 55 },
    ],
    ['nulls as absence', { ...plain, cache_creation: null, server_tool_use: null }, { input: 10, output: 5 }],
    ['zeros as zeros', { input_tokens: 0, output_tokens: 0 }, { input: 0, output: 0 }],
  ])('reads %s', (_what, usage, meters) => {
    expect(decodeUsage(usage)).toEqual(meters);
  });

  test.each([
    [{ ...plain, output_tokens: -1 }],
    [{ ...plain, input_tokens: 1.5 }],
    [{ ...plain, input_tokens: '10' }],
    [{ ...plain, output_tokens: 1e12 }],
    [{ ...plain, cache_creation_input_tokens: 1, cache_creation: { ephemeral_1h_input_tokens: 4 } }],
    [{ ...plain, output_tokens_details: { thinking_tokens: 6 } }],
    [{ ...plain, server_tool_use: { web_search_requests: -1 } }],
    [{ ...plain, iterations: [{ type: 'compaction', input_tokens: -5 }] }],
  ])('does not believe %j, and says that it was claimed', (usage) => {
    expect(decodeUsage(usage)).toBeNull();
    expect(claimsUsage(usage)).toBe(true);
  });

  test.each([[null], [{}], [{ input_tokens: 1 }], [{ output_tokens: 1 }], [[]]])('%j claims nothing', (usage) => {
    expect(decodeUsage(usage)).toBeNull();
    expect(claimsUsage(usage)).toBe(false);
  });
});

test('mergeUsage keeps what is not told again', () => {
  expect(mergeUsage({ a: 1, b: 2 }, { b: 3, a: null, c: 4 })).toEqual({ a: 1, b: 3, c: 4 });
  expect(mergeUsage({ a: 1 }, null)).toEqual({ a: 1 });
});

test('encodeUsage leaves cached tokens out of the input and writes the cost digit by digit', () => {
  const text = encodeUsage({
    usage: {
      input: 10,
      input_cache_read: 100,
      input_cache_write: 3,
      input_cache_write_1h: 4,
      output: 5,
      output_reasoning: 2,
      web_search: 1,
    },
    costUsd: '0.000000001000000001',
    upstreamCostUsd: null,
    isEstimated: true,
  });
  expect(JSON.parse(text)).toMatchObject({
    input_tokens: 10,
    output_tokens: 7,
    cache_read_input_tokens: 100,
    cache_creation_input_tokens: 7,
    cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 },
    output_tokens_details: { thinking_tokens: 2 },
    server_tool_use: { web_search_requests: 1 },
    is_byok: false,
    is_estimated: true,
  });
  expect(text).toContain('"cost":0.000000001000000001,');
});

test('what was written is read as the same meters', () => {
  const usage = {
    input: 10,
    input_cache_read: 1,
    input_cache_write_1h: 4,
    output: 5,
    output_reasoning: 2,
    web_search: 1,
  };
  const text = encodeUsage({ usage, costUsd: '1', upstreamCostUsd: null, isEstimated: false });
  expect(decodeUsage(JSON.parse(text))).toEqual(usage);
});
