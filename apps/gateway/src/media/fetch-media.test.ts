import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isAppError } from '@bourse/errors';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMediaFetcher, type MediaFetcher, type MediaOptions } from './fetch-media.ts';

const PNG = Buffer.from('\x89PNG\r\n\x1a\n and the rest of it', 'latin1');

/** A web server of somebody's, on this machine. */
let port = 0;
let asked: string[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const server = createServer((request, response) => {
  asked.push(`${request.headers.host} ${request.url}`);
  answer(request, response);
});
const fetchers: MediaFetcher[] = [];

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port; // a TCP server that listens has one
});
afterAll(async () => {
  await Promise.all(fetchers.map((fetcher) => fetcher.close()));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  asked = [];
  answer = (_request, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(PNG);
});

const address = (text: string) => [{ address: text, family: text.includes(':') ? 6 : 4 }];

/** Reaches this machine as if it were public, under any name, unless told otherwise. */
function fetcherWith(options: Partial<MediaOptions> = {}): MediaFetcher {
  const fetcher = createMediaFetcher({
    reach: { networks: ['127.0.0.1/32'], ports: [port] },
    bytesMax: 1_000,
    timeoutMs: 2_000,
    resolve: async () => address('127.0.0.1'),
    ...options,
  });
  fetchers.push(fetcher);
  return fetcher;
}

const never = new AbortController().signal;
const get = (url: string, options: Partial<MediaOptions> = {}) => fetcherWith(options).fetch(url, 'image', never);

async function refusal(url: string, options: Partial<MediaOptions> = {}): Promise<{ code: string; message: string }> {
  const thrown: unknown = await get(url, options).catch((error: unknown) => error);
  if (isAppError(thrown)) return { code: thrown.code, message: thrown.message };
  throw thrown instanceof Error ? thrown : new Error('it was fetched');
}

test('bytes come with the type that they are', async () => {
  expect(await get(`http://media.test:${port}/a.png?b=1`)).toEqual({ type: 'image/png', bytes: PNG });
  expect(asked).toEqual([`media.test:${port} /a.png?b=1`]);
});

describe('nothing is asked of', () => {
  const publicOnly = { networks: [], ports: [80, 443] };
  const onAnyPort = () => ({ networks: [], ports: [port] });

  test.each([
    ['0.0.0.0'],
    ['10.0.0.1'],
    ['100.64.0.1'],
    ['127.0.0.1'],
    ['169.254.169.254'],
    ['172.16.0.1'],
    ['192.0.0.8'],
    ['192.168.0.1'],
    ['198.18.0.1'],
    ['224.0.0.1'],
    ['255.255.255.255'],
    ['::'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['::ffff:7f00:1'],
    ['64:ff9b::7f00:1'],
    ['2002:7f00:1::'],
    ['fc00::1'],
    ['fd00:ec2::254'],
    ['fe80::1'],
    ['ff02::1'],
  ])('a name that stands for %s', async (resolved) => {
    const { code } = await refusal(`http://media.test:${port}/`, {
      reach: onAnyPort(),
      resolve: async () => address(resolved),
    });
    expect(code).toBe('image_download_failed');
    expect(asked).toEqual([]);
  });

  test.each([
    ['127.0.0.1'],
    ['127.1'],
    ['0x7f000001'],
    ['2130706433'],
    ['017700000001'],
    ['0'],
    ['[::1]'],
    ['[::ffff:127.0.0.1]'],
    ['[::]'],
    ['169.254.169.254'],
    ['[fd00:ec2::254]'],
  ])('the address %s itself, however it is written', async (host) => {
    expect((await refusal(`http://${host}:${port}/`, { reach: onAnyPort() })).code).toBe('image_download_failed');
    expect(asked).toEqual([]);
  });

  test('a name that stands for a public and a private address', async () => {
    const resolve = async () => [...address('8.8.8.8'), ...address('127.0.0.1')];
    expect((await refusal(`http://media.test:${port}/`, { reach: onAnyPort(), resolve })).code).toBe(
      'image_download_failed',
    );
    expect(asked).toEqual([]);
  });

  test.each([
    ['http://media.test:22/'],
    ['https://media.test:8443/'],
    ['ftp://media.test/'],
    ['file:///etc/passwd'],
    ['http://user:secret@media.test/'],
  ])('%s', async (url) => {
    const { code, message } = await refusal(url, { reach: publicOnly });
    expect(code).toBe('image_download_failed');
    expect(message).not.toContain('secret');
  });

  test('what is no URL', async () => {
    expect((await refusal('http://')).code).toBe('image_download_failed');
  });
});

describe('a name is resolved once', () => {
  test('and what was checked is what is connected to, whatever it stands for a moment later', async () => {
    let asks = 0;
    const resolve = async () => {
      asks += 1;
      return address(asks === 1 ? '127.0.0.1' : '10.0.0.1');
    };
    await get(`http://rebinding.test:${port}/`, { resolve });
    expect(asks).toBe(1);
  });

  test('a name that stands for nothing is told as such', async () => {
    const resolve = async () => Promise.reject(new Error('ENOTFOUND'));
    expect(await refusal(`http://nowhere.test:${port}/`, { resolve })).toMatchObject({ code: 'image_download_failed' });
    expect(await refusal(`http://nowhere.test:${port}/`, { resolve: async () => [] })).toMatchObject({
      code: 'image_download_failed',
    });
  });
});

describe('redirects', () => {
  const redirectTo = (location: string, times = 1) => {
    let left = times;
    answer = (_request, response) => {
      left -= 1;
      if (left >= 0) response.writeHead(302, { location }).end();
      else response.writeHead(200, { 'content-type': 'image/png' }).end(PNG);
    };
  };

  test('are followed three times', async () => {
    redirectTo('/next', 3);
    expect((await get(`http://media.test:${port}/`)).bytes).toEqual(PNG);
    redirectTo('/next', 4);
    expect((await refusal(`http://media.test:${port}/`)).message).toContain('more than 3 times');
  });

  test.each([
    ['an address of this machine', () => `http://[::1]:${port}/`],
    ['the metadata of a cloud', () => 'http://169.254.169.254/latest/meta-data/'],
    ['another port', () => 'http://media.test:22/'],
    ['another protocol', () => 'file:///etc/passwd'],
    ['nonsense', () => 'http://'],
  ])('to %s are not', async (_name, location) => {
    redirectTo(location());
    expect((await refusal(`http://media.test:${port}/`)).code).toBe('image_download_failed');
    expect(asked).toHaveLength(1);
  });

  test('to a name that stands for a private address are not', async () => {
    redirectTo(`http://inside.test:${port}/`);
    const resolve = async (hostname: string) => address(hostname === 'inside.test' ? '10.0.0.1' : '127.0.0.1');
    expect((await refusal(`http://media.test:${port}/`, { resolve })).code).toBe('image_download_failed');
    expect(asked).toHaveLength(1);
  });
});

describe('what comes back', () => {
  test.each([
    [404, 'image_not_found'],
    [410, 'image_not_found'],
    [403, 'image_download_failed'],
    [500, 'image_download_failed'],
    [204, 'image_download_failed'],
  ])('with status %i is %s', async (status, code) => {
    answer = (_request, response) => response.writeHead(status).end();
    expect((await refusal(`http://media.test:${port}/`)).code).toBe(code);
  });

  test('may not be larger than the bound, by its own word or in fact', async () => {
    answer = (_request, response) => response.writeHead(200, { 'content-length': '5000' }).end(Buffer.alloc(5_000));
    expect((await refusal(`http://media.test:${port}/`)).code).toBe('image_too_large');
    answer = (_request, response) => {
      response.writeHead(200);
      response.write(Buffer.alloc(600));
      response.end(Buffer.alloc(600));
    };
    expect((await refusal(`http://media.test:${port}/`)).code).toBe('image_too_large');
  });

  test('must be what it is said to be, and what was asked for', async () => {
    const send = (type: string, body: Buffer) => {
      answer = (_request, response) => response.writeHead(200, { 'content-type': type }).end(body);
    };
    send('text/html; charset=utf-8', PNG);
    expect((await refusal(`http://media.test:${port}/`)).code).toBe('unsupported_image_format');
    send('image/png', Buffer.from('<html>an error page</html>'));
    expect((await refusal(`http://media.test:${port}/`)).code).toBe('unsupported_image_format');
    send('application/pdf', Buffer.from('%PDF-1.7'));
    expect((await refusal(`http://media.test:${port}/`)).code).toBe('unsupported_image_format');
    expect(await fetcherWith().fetch(`http://media.test:${port}/`, 'file', never)).toMatchObject({
      type: 'application/pdf',
    });
    send('IMAGE/JPEG; q=1', PNG);
    expect(await get(`http://media.test:${port}/`)).toMatchObject({ type: 'image/png' });
  });

  test('must come in time, and not forever in small pieces', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'image/png' });
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    };
    const { code, message } = await refusal(`http://media.test:${port}/`, { timeoutMs: 200 });
    expect(code).toBe('image_download_failed');
    expect(message).toContain('200 ms');
  });

  test('a connection that breaks is told, and the path of the URL is not', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write(PNG);
      setTimeout(() => response.destroy(), 10);
    };
    const { code, message } = await refusal(`http://media.test:${port}/a?signature=secret`);
    expect(code).toBe('image_download_failed');
    expect(message).not.toContain('secret');
  });

  test('is not waited for when the client has left', async () => {
    answer = () => undefined;
    const cut = new AbortController();
    const fetching = fetcherWith().fetch(`http://media.test:${port}/`, 'image', cut.signal);
    setTimeout(() => cut.abort(), 20);
    await expect(fetching).rejects.toMatchObject({ code: 'image_download_failed' });
  });
});
