import { Readable } from 'node:stream';
import { AppError } from '@bourse/errors';
import { openaiChat } from '@bourse/wire';
import { expect, test } from 'vitest';
import { collect } from '../http/collect.ts';
import { jsonDepth, parse } from './parse.ts';

const LIMITS = { bodyBytesMax: 1_024 };

function pieces(...parts: (string | Uint8Array)[]): Readable {
  return Readable.from(
    parts.map((part) => Buffer.from(part)),
    { objectMode: false },
  );
}

function request(body: Readable, headers: Record<string, string> = {}): Parameters<typeof parse>[0] {
  return {
    wire: openaiChat,
    header: (name) => headers[name] ?? null,
    readBody: (bytesMax) => collect(body, bytesMax),
  };
}

async function refusal(body: Readable, headers?: Record<string, string>): Promise<AppError> {
  const thrown = await parse(request(body, headers), LIMITS).catch((error: unknown) => error);
  if (!(thrown instanceof AppError)) throw new Error('expected an AppError');
  return thrown;
}

test('a body cut inside a character is put together', async () => {
  const bytes = new TextEncoder().encode('{"model":"a/b","messages":[{"role":"user","content":"grüße"}]}');
  const cut = bytes.indexOf(0xc3) + 1;
  const prompt = await parse(request(pieces(bytes.slice(0, cut), bytes.slice(cut))), LIMITS);
  expect(prompt.messages[0]?.content).toEqual([{ type: 'text', text: 'grüße' }]);
});

test('a body beyond the limit is refused while it comes, whatever its headers claim', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield new Uint8Array(512);
  }
  expect(await refusal(Readable.from(endless(), { objectMode: false }), { 'content-length': '10' })).toMatchObject({
    code: 'payload_too_large',
  });
});

test('JSON nested deeper than 64 levels is refused before it is built', async () => {
  expect(await refusal(pieces('['.repeat(500)))).toMatchObject({
    code: 'invalid_request',
    metadata: { depth_max: 64 },
  });
});

test('brackets inside strings are no nesting', () => {
  expect(jsonDepth(new TextEncoder().encode('{"a":"[[[[\\"[[","b":[{}]}'))).toBe(3);
});

test('a broken body says so without quoting it', async () => {
  const error = await refusal(pieces('{"model": "secret prompt'));
  expect(error).toMatchObject({ code: 'invalid_request' });
  expect(JSON.stringify([error.message, error.metadata])).not.toContain('secret');
});

test('bytes that are not UTF-8 are refused', async () => {
  expect(await refusal(pieces(new Uint8Array([0x22, 0xff, 0x22])))).toMatchObject({ code: 'invalid_request' });
});

test('a wrong field is named by its path', async () => {
  const error = await refusal(pieces('{"model":"a/b","messages":[{"role":"user","content":7}]}'));
  expect(error.code).toBe('invalid_request');
  expect(String(error.metadata['path'])).toContain('messages');
});

test('compressed and non-JSON bodies are refused by name', async () => {
  expect(await refusal(pieces('{}'), { 'content-encoding': 'br' })).toMatchObject({ code: 'unsupported_media_type' });
  expect(await refusal(pieces('{}'), { 'content-type': 'multipart/form-data' })).toMatchObject({
    code: 'unsupported_media_type',
  });
});
