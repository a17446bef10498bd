import { describe, expect, test } from 'vitest';
import { isHonest, sniff } from './sniff.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('sniff', () => {
  test.each([
    ['\x89PNG\r\n\x1a\n...', 'image/png', 'image'],
    ['\xff\xd8\xff\xe0', 'image/jpeg', 'image'],
    ['GIF89a', 'image/gif', 'image'],
    ['RIFF\x00\x00\x00\x00WEBP', 'image/webp', 'image'],
    ['\x00\x00\x00\x18ftypheic', 'image/heic', 'image'],
    ['\x00\x00\x00\x18ftypmif1', 'image/heif', 'image'],
    ['%PDF-1.7', 'application/pdf', 'file'],
    ['\x1a\x45\xdf\xa3', 'video/webm', 'video'],
    ['\x00\x00\x00\x14ftypqt  ', 'video/quicktime', 'video'],
    ['\x00\x00\x00\x20ftypisom', 'video/mp4', 'video'],
    ['\x00\x00\x01\xba', 'video/mpeg', 'video'],
  ])('%j is %s', (text, type, kind) => {
    expect(sniff(bytes(text))).toMatchObject({ type, kind });
  });

  test.each([[''], ['<svg xmlns="x">'], ['<html>'], ['{"a":1}'], ['RIFF\x00\x00\x00\x00WAVE'], ['MZ'], ['\x89PN']])(
    '%j is nothing that models are given',
    (text) => {
      expect(sniff(bytes(text))).toBeNull();
    },
  );
});

describe('isHonest', () => {
  const png = { type: 'image/png', kind: 'image' } as const;
  const pdf = { type: 'application/pdf', kind: 'file' } as const;

  test.each([
    ['image/png', png, true],
    ['image/jpeg', png, true],
    ['', png, true],
    ['application/octet-stream', png, true],
    ['text/html', png, false],
    ['image/svg+xml', png, false],
    ['video/mp4', png, false],
    ['application/pdf', pdf, true],
    ['file/x', pdf, false],
    ['text/plain', pdf, false],
  ] as const)('%o of %o: %s', (declared, found, honest) => {
    expect(isHonest(declared, found)).toBe(honest);
  });
});
