import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { BodyTooLarge, collect } from './collect.ts';

test('pieces become one body', async () => {
  const stream = new PassThrough();
  const collected = collect(stream, 10);
  stream.write('ab');
  stream.end('cd');
  expect((await collected).toString()).toBe('abcd');
});

test('an empty body is empty', async () => {
  const stream = new PassThrough();
  const collected = collect(stream, 10);
  stream.end();
  expect((await collected).byteLength).toBe(0);
});

test('a body that is too large is refused while it comes', async () => {
  const stream = new PassThrough();
  const collected = collect(stream, 3);
  stream.write('abcd');
  await expect(collected).rejects.toBeInstanceOf(BodyTooLarge);
  expect(stream.listenerCount('data')).toBe(0);
});

test('a stream that breaks or closes early is an error, never half a body', async () => {
  const broken = new PassThrough();
  const first = collect(broken, 10);
  broken.write('ab');
  broken.destroy(new Error('reset'));
  await expect(first).rejects.toThrow('reset');
  const closed = new PassThrough();
  const second = collect(closed, 10);
  closed.destroy();
  await expect(second).rejects.toThrow('too early');
});
