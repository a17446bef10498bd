import { AppError } from '@bourse/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isForm, readForm } from './read-form.ts';

const TYPE = 'multipart/form-data; boundary=b';
const field = (name: string, value: string) =>
  `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const file = (name: string, value: string) =>
  `--b\r\ncontent-disposition: form-data; name="${name}"; filename="a.wav"\r\ncontent-type: audio/wav\r\n\r\n${value}\r\n`;
const END = '--b--\r\n';

const read = (text: string, fileBytesMax = 100) => readForm(Buffer.from(text, 'latin1'), TYPE, fileBytesMax);

describe('a form', () => {
  test('is its fields and its file, and a name that comes again is a list', async () => {
    const text =
      field('model', 'm') + file('file', 'RIFF\xff\0') + field('a[]', '1') + field('b', '1') + field('b', '2');
    const { fields, upload } = await read(text + END);
    expect(fields).toEqual({ model: 'm', 'a[]': ['1'], b: ['1', '2'] });
    expect(upload).toMatchObject({ name: 'a.wav', type: 'audio/wav' });
    expect(upload && Buffer.from(upload.bytes).toString('latin1')).toBe('RIFF\xff\0');
  });

  test('may have no file, and a field of any name', async () => {
    const { fields, upload } = await read(field('__proto__', 'x') + END);
    expect(upload).toBeNull();
    expect(Object.entries(fields)).toEqual([['__proto__', 'x']]);
  });

  test('has a file up to the very limit, and not a byte more', async () => {
    expect((await read(file('file', 'x'.repeat(100)) + END)).upload?.bytes.length).toBe(100);
    await expect(read(file('file', 'x'.repeat(101)) + END)).rejects.toMatchObject({ code: 'payload_too_large' });
  });

  test.each([
    ['more than one file', file('file', 'a') + file('file', 'b') + END],
    ['a file of another name', file('picture', 'a') + END],
    ['too many fields', field('a', 'x').repeat(65) + END],
    ['a field that is too long', field('a', 'x'.repeat(65_537)) + END],
  ])('with %s is refused', async (_name, text) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('that is cut anywhere is refused and never waited for', async () => {
    const text = `${field('model', 'm')}${file('file', 'sound')}--b--`;
    for (let length = 0; length < text.length; length += 1) {
      await expect(read(text.slice(0, length)), `${length} bytes`).rejects.toBeInstanceOf(AppError);
    }
  });

  test.each(['', 'x', '--b--', '--b\r\n\r\n--b--', '--b\r\nfoo\r\n--b--', '--b\r\na: b\r\n\r\nx\r\n--b--'])(
    'of the bytes %j comes to an end, whatever the parser says of it',
    async (text) => {
      const ended = await read(text).catch((error: unknown) => error);
      const isRead = typeof ended === 'object' && ended !== null && 'fields' in ended;
      expect(isRead || ended instanceof AppError).toBe(true);
    },
  );

  test('under a boundary that cannot be one is refused', async () => {
    for (const boundary of ['', '"', ' ']) {
      await expect(readForm(Buffer.from('x'), `multipart/form-data; boundary=${boundary}`, 10)).rejects.toBeInstanceOf(
        AppError,
      );
    }
  });

  test('of any bytes comes to an end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        await expect(readForm(bytes, TYPE, 10)).rejects.toBeInstanceOf(AppError);
      }),
      { numRuns: 10 },
    );
  }, 60_000);

  test.each([
    ['multipart/form-data; boundary=x', true],
    ['Multipart/Form-Data', true],
    ['multipart/mixed', false],
    ['application/json', false],
  ])('%s says so: %s', (type, expected) => {
    expect(isForm(type)).toBe(expected);
  });
});
