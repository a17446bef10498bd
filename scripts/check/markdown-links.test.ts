import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkMarkdownLinks, linksOf } from './markdown-links.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bourse-links-'));
  mkdirSync(join(folder, 'docs'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('links are relative to their document', () => {
  writeFileSync(join(folder, 'README.md'), '[docs](docs/A.md#top)');
  writeFileSync(join(folder, 'docs/A.md'), 'back to the [README](../README.md)');
  expect(checkMarkdownLinks(folder)).toEqual({ isOk: true, output: '' });
});

test('a link into the void is named with its document', () => {
  writeFileSync(join(folder, 'docs/A.md'), '![picture](images/gone.png)');
  expect(checkMarkdownLinks(folder).output).toBe('docs/A.md links to images/gone.png, which does not exist');
});

test('addresses, anchors and code are not links to files', () => {
  expect(linksOf('[a](https://x.y) [b](#here) `[c](d)`\n```\n[e](f)\n```')).toEqual([]);
});
