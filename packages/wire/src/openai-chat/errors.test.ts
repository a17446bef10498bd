import { AppError, errorTable } from '@bourse/errors';
import { describe, expect, test } from 'vitest';
import { parseFrames } from '../../test/lane-harness.ts';
import { encodeError, errorFrame } from './errors.ts';

const head = { id: 'gen-1', model: 'a/b', provider: 'P', createdUnixSeconds: 7 };

describe('encodeError', () => {
  test('has the shape that OpenRouter and OpenAI clients read', () => {
    const error = new AppError('invalid_request', 'temperature is too big.', { metadata: { path: 'temperature' } });
    expect(encodeError(error, { generationId: 'gen-1' })).toEqual({
      error: {
        code: 400,
        message: 'temperature is too big.',
        type: 'invalid_request',
        param: 'temperature',
        metadata: { error_type: 'invalid_request', path: 'temperature', generation_id: 'gen-1' },
      },
    });
  });

  test.each(Object.entries(errorTable))('writes the status and type of %s', (code, { status, type }) => {
    const known = code as keyof typeof errorTable;
    const body = encodeError(new AppError(known, 'm'), { generationId: null });
    expect(body).toMatchObject({ error: { code: status, type, metadata: { error_type: type } } });
  });

  test('never shows detail, cause, stack, or the metadata of an internal error', () => {
    const error = new AppError('internal', 'Something failed on our side.', {
      detail: 'dsn=postgres://secret',
      cause: new Error('secret'),
      metadata: { table: 'secret' },
    });
    expect(JSON.stringify(encodeError(error, { generationId: null }))).not.toMatch(/secret|stack|errors\.test/);
  });

  test('puts the reasons why nothing was routable beside the message', () => {
    const availability = { code: 'no_endpoints', retryable: false };
    const error = new AppError('no_endpoint_allowed', 'm', { metadata: { availability } });
    expect(encodeError(error, { generationId: null })).toMatchObject({
      error: { availability, metadata: { error_type: 'not_found' } },
    });
  });

  test('a customer cannot overwrite the error type through metadata of the same name', () => {
    const error = new AppError('rate_limited', 'm', { metadata: { error_type: 'x' } });
    expect(encodeError(error, { generationId: null })).toMatchObject({
      error: { metadata: { error_type: 'rate_limit_exceeded' } },
    });
  });
});

describe('errorFrame', () => {
  test('is one frame with a chunk whose choice finished with an error', () => {
    const text = errorFrame(new AppError('provider_failed', 'It broke.'), head);
    const [event, ...more] = parseFrames(text);
    expect(more).toEqual([]);
    expect(text).toMatch(/^data: .*\n\n$/);
    expect(event?.event).toBeNull();
    expect(JSON.parse(event?.data ?? '')).toMatchObject({
      id: 'gen-1',
      object: 'chat.completion.chunk',
      created: 7,
      model: 'a/b',
      provider: 'P',
      error: { code: 502, message: 'It broke.', metadata: { error_type: 'provider_unavailable' } },
      choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
    });
  });

  test('never shows detail, cause, stack, or the metadata of an internal error', () => {
    const error = new AppError('internal', 'Something failed on our side.', {
      detail: 'dsn=postgres://secret',
      cause: new Error('secret'),
      metadata: { table: 'secret' },
    });
    expect(errorFrame(error, head)).not.toMatch(/secret|stack|errors\.test/);
  });
});
