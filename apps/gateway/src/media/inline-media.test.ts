import { AppError } from '@bourse/errors';
import { gemini, openaiChat } from '@bourse/wire';
import { describe, expect, test } from 'vitest';
import { Signal } from '../signal.ts';
import type { MediaFetcher } from './fetch-media.ts';
import { InlineMedia } from './inline-media.ts';

const url = 'https://media.test/a.png';

interface Asked {
  readonly urls: string[];
  readonly fetcher: MediaFetcher;
}

/** Finds three bytes everywhere, unless told otherwise. */
function fetcherOf(fetch?: MediaFetcher['fetch']): Asked {
  const urls: string[] = [];
  return {
    urls,
    fetcher: {
      fetch: (asked, kind, cut) => {
        urls.push(`${kind} ${asked}`);
        return fetch?.(asked, kind, cut) ?? Promise.resolve({ type: 'image/png', bytes: Buffer.from('abc') });
      },
      close: async () => undefined,
    },
  };
}

const mediaOf = ({ fetcher }: Asked, cut = new Signal(), bytesMax = 100) => new InlineMedia(fetcher, { cut, bytesMax });
const promptOf = (...content: readonly object[]) =>
  openaiChat.decodePrompt({ model: 'a/b', messages: [{ role: 'user', content }] });
const image = (address: string) => ({ type: 'image_url', image_url: { url: address } });

describe('inlined', () => {
  test('addresses become data, once each, and later attempts find them', async () => {
    const asked = fetcherOf();
    const media = mediaOf(asked);
    const file = { type: 'file', file: { file_data: 'https://media.test/b.pdf' } };
    const prompt = promptOf(image(url), image(url), { type: 'text', text: 'x' }, file);
    const inlined = await media.inlined(prompt, gemini);
    const data = 'data:image/png;base64,YWJj';
    expect(inlined.messages[0]?.content).toEqual([
      { type: 'image', url: data },
      { type: 'image', url: data },
      { type: 'text', text: 'x' },
      { type: 'file', fileData: data },
    ]);
    expect(await media.inlined(prompt, gemini)).toEqual(inlined);
    expect(asked.urls).toEqual([`image ${url}`, 'file https://media.test/b.pdf']);
    expect(prompt.messages[0]?.content[0]).toEqual({ type: 'image', url });
  });

  test('what needs nothing is not touched: other dialects, data, places that Google reads, a forwarded body', async () => {
    const asked = fetcherOf();
    const media = mediaOf(asked);
    const plain = promptOf(image(url));
    expect(await media.inlined(plain, openaiChat)).toBe(plain);
    const data = promptOf(image('data:image/png;base64,AA'), {
      type: 'video_url',
      video_url: { url: 'https://youtu.be/x' },
    });
    expect(await media.inlined(data, gemini)).toBe(data);
    const contents = [{ parts: [{ fileData: { fileUri: url, mimeType: 'image/png' } }] }];
    const forwarded = gemini.decodePrompt({ model: 'a/b', contents });
    expect(await media.inlined(forwarded, gemini)).toBe(forwarded);
    expect(asked.urls).toEqual([]);
  });
});

describe('refusals', () => {
  test('are told as they are, and stop the other downloads', async () => {
    let stopped = 0;
    const asked = fetcherOf((address, _kind, cut) => {
      if (address.endsWith('bad')) return Promise.reject(new AppError('image_not_found', 'No.'));
      return new Promise((_resolve, reject) => {
        cut.addEventListener('abort', () => {
          stopped += 1;
          reject(new Error('stopped'));
        });
      });
    });
    const prompt = promptOf(image('https://media.test/slow'), image('https://media.test/bad'));
    await expect(mediaOf(asked).inlined(prompt, gemini)).rejects.toMatchObject({ code: 'image_not_found' });
    expect(stopped).toBe(1);
  });

  test('too many, or too large together', async () => {
    const many = promptOf(...Array.from({ length: 33 }, (_, index) => image(`${url}?${index}`)));
    const asked = fetcherOf();
    await expect(mediaOf(asked).inlined(many, gemini)).rejects.toMatchObject({ code: 'invalid_request' });
    expect(asked.urls).toEqual([]);
    const two = promptOf(image(`${url}?1`), image(`${url}?2`));
    await expect(mediaOf(asked, new Signal(), 5).inlined(two, gemini)).rejects.toMatchObject({
      code: 'payload_too_large',
    });
  });

  test('a client that leaves stops the downloads', async () => {
    const cut = new Signal();
    const asked = fetcherOf((_address, _kind, stop) =>
      stop.aborted
        ? Promise.reject(new AppError('image_download_failed', 'Stopped.'))
        : new Promise((_resolve, reject) => {
            stop.addEventListener('abort', () => reject(new AppError('image_download_failed', 'Stopped.')));
          }),
    );
    const inlining = mediaOf(asked, cut).inlined(promptOf(image(url)), gemini);
    cut.set();
    await expect(inlining).rejects.toMatchObject({ message: 'Stopped.' });
  });
});
