import { anthropicMessages, openaiChat } from '@bourse/wire';
import { describe, expect, test } from 'vitest';
import { anthropic } from './anthropic.ts';
import { buildProviderRequest } from './build-provider-request.ts';

const credential = { apiKey: 'sk-ant-secret', baseUrl: 'https://api.anthropic.com/v1' };
const messages = [{ role: 'user', content: 'Hi' }];
const target = { upstreamModel: 'claude-x', isStreamed: true, outputTokensMax: null, endpointOutputTokensMax: 100 };

function call(fields: object) {
  const prompt = anthropicMessages.decodePrompt({ model: 'a/b', messages, ...fields });
  const api = anthropic.apiFor(prompt, 'claude-x');
  if (api === null) throw new Error('no API for conversations');
  const request = buildProviderRequest({ provider: anthropic, api, credential, prompt, target });
  if (request instanceof Promise) throw new Error('authorized asynchronously');
  return request;
}

describe('anthropic', () => {
  test('is called at its own path with its own header for the key, its version, and no preview', () => {
    const { url, headers, body } = call({});
    expect(url).toBe('https://api.anthropic.com/v1/messages');
    expect(headers).toMatchObject({ 'x-api-key': 'sk-ant-secret', 'anthropic-version': '2023-06-01' });
    expect(Object.keys(headers)).not.toContain('authorization');
    expect(Object.keys(headers)).not.toContain('anthropic-beta');
    expect(JSON.parse(String(body))).toEqual({ model: 'claude-x', messages, max_tokens: 100, stream: true });
  });

  test.each([
    [{ tools: [{ type: 'computer_20250124', name: 'computer' }] }, 'computer-use-2025-01-24'],
    [{ tools: [{ type: 'mcp_toolset', mcp_server_name: 's' }], mcp_servers: [{}] }, 'mcp-client-2025-11-20'],
    [{ mcp_servers: [{ type: 'url', url: 'https://m', name: 's' }] }, 'mcp-client-2025-04-04'],
    [
      { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }, { type: 'compact_20260112' }] } },
      'context-management-2025-06-27,compact-2026-01-12',
    ],
    [
      {
        tools: [{ type: 'memory_20250818', name: 'memory' }],
        context_management: { edits: [{ type: 'clear_thinking_20251015' }] },
      },
      'context-management-2025-06-27',
    ],
  ])('asks for the previews that %j makes use of, each once', (fields, beta) => {
    expect(call(fields).headers['anthropic-beta']).toBe(beta);
  });

  test('serves clients of other dialects', () => {
    const prompt = openaiChat.decodePrompt({ model: 'a/b', messages });
    expect(anthropic.apiFor(prompt, 'claude-x')?.wire.id).toBe('anthropic-messages');
  });

  test.each([
    ['Your credit balance is too low to access the Anthropic API.', 'payment_required'],
    ['input length and `max_tokens` exceed context limit: 1 + 2 > 2', 'context_length_exceeded'],
    ['messages: field required', 'invalid_request'],
  ] as const)('takes %j for %s', (message, kind) => {
    const failure = anthropicMessages.decodeError(
      400,
      JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message } }),
      {},
    );
    expect(anthropic.classify?.(failure).kind).toBe(kind);
  });

  test('leaves other refusals as they are', () => {
    const failure = anthropicMessages.decodeError(529, '{"type":"error","error":{"type":"overloaded_error"}}', {});
    expect(anthropic.classify?.(failure)).toBe(failure);
    expect(failure.kind).toBe('overloaded');
  });
});
