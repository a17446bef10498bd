import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, heldAmount, hi, type Market, openMarket } from './harness.ts';
import { beginStream, frames, hello } from './scripted-provider.ts';

let market: Market;
beforeAll(async () => {
  market = await openMarket({
    environment: { GATEWAY_FIRST_FLUSH_MS: '50', GATEWAY_KEEP_ALIVE_MS: '40', GATEWAY_CLIENT_STALL_MS: '300' },
  });
});
afterAll(() => market.stop());

test('while a provider thinks the client sees comments, and the answer follows', async () => {
  market.north.script = async ({ response }) => {
    await new Promise((resolve) => setTimeout(resolve, 250));
    beginStream(response);
    response.end(frames.text('late') + frames.finish + frames.usage(10, 1) + frames.done);
  };
  const text = await (await market.chat({ ...hi, stream: true })).text();
  expect(text.indexOf(': BOURSE PROCESSING')).toBeGreaterThanOrEqual(0);
  expect(text.indexOf(': BOURSE PROCESSING')).toBeLessThan(text.indexOf('late'));
  expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
});

test('a failure after the first comment is told in-band, because the status is spent', async () => {
  const fail = async ({ response }: { response: import('node:http').ServerResponse }) => {
    await new Promise((resolve) => setTimeout(resolve, 150));
    response.writeHead(500).end('{}');
  };
  market.north.script = fail;
  market.south.script = fail;
  const response = await market.chat({ ...hi, stream: true });
  const text = await response.text();
  expect(response.status).toBe(200);
  expect(text).toContain('"finish_reason":"error"');
  expect(text).not.toContain('[DONE]');
  await eventually(
    () => heldAmount(market),
    (held) => held === 0n,
  );
});

test('chunks reach the client when they come, not when the answer is over', async () => {
  const more = Promise.withResolvers<void>();
  market.north.script = async ({ response }) => {
    beginStream(response);
    response.write(frames.text('first'));
    await more.promise;
    response.end(frames.text('second') + frames.finish + frames.usage(10, 2) + frames.done);
  };
  const response = await market.chat({ ...hi, stream: true });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toContain('first');
  more.resolve();
  let rest = '';
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) rest += read.value;
  expect(rest).toContain('second');
});

test('a reader who stops reading slows the provider down, is hung up on, and harms nobody', async () => {
  const piece = frames.text('x'.repeat(16_384));
  let written = 0;
  market.north.script = async ({ response }) => {
    beginStream(response);
    const closed = once(response, 'close');
    for (let count = 0; count < 4_000 && !response.destroyed; count += 1) {
      written += piece.length;
      if (!response.write(piece)) await Promise.race([once(response, 'drain'), closed]);
    }
    response.end();
  };
  const { connect } = await import('node:net');
  const socket = connect(Number(new URL(market.root).port), '127.0.0.1');
  const body = JSON.stringify({ ...hi, stream: true });
  socket.pause();
  socket.on('error', () => undefined);
  socket.write(
    `POST /api/v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${market.key}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await eventually(
    () => heldAmount(market),
    (held) => held > 0n,
  );
  await eventually(
    () => heldAmount(market),
    (held) => held === 0n,
  );
  // 4,000 pieces are 65 MB; what fits the socket buffers of both hops is a small part of it.
  expect(written).toBeLessThan(20_000_000);
  socket.destroy();
  market.north.script = hello;
  expect((await market.chat(hi)).status).toBe(200);
});

test('on shutdown running streams end, new work is refused, and every hold is resolved', async () => {
  const draining = await openMarket();
  draining.north.script = async ({ response }) => {
    beginStream(response);
    response.write(frames.text('begun'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    response.end(frames.text(' and ended') + frames.finish + frames.usage(10, 2) + frames.done);
  };
  const response = await draining.chat({ ...hi, stream: true });
  const stopped = draining.stop();
  const text = await response.text();
  expect(text).toContain('and ended');
  expect(text.trimEnd().endsWith('[DONE]')).toBe(true);
  await stopped;
  await expect(draining.chat(hi)).rejects.toThrow();
});
