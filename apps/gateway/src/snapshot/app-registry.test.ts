import { expect, test } from 'vitest';
import { createAppRegistry, identifyApp } from './app-registry.ts';

test('the origin of the referer is the app, whatever page it came from', () => {
  expect(identifyApp({ referer: 'https://Shop.Example/cart?id=1', title: ' Shop ' })).toEqual({
    url: 'https://shop.example',
    title: 'Shop',
  });
});

test('without a title the host names the app', () => {
  expect(identifyApp({ referer: 'https://shop.example/', title: null })?.title).toBe('shop.example');
});

test.each([null, '', 'no url', 'javascript:alert(1)', 'file:///etc/passwd'])('%s is no app', (referer) => {
  expect(identifyApp({ referer, title: 'x' })).toBeNull();
});

test('localhost counts only with a title', () => {
  expect(identifyApp({ referer: 'http://localhost:5173', title: null })).toBeNull();
  expect(identifyApp({ referer: 'http://localhost:5173', title: 'My tool' })?.title).toBe('My tool');
});

test('bidi overrides and control characters are taken out, and titles are cut', () => {
  const title = `\u202eevil\u0000${'x'.repeat(400)}`;
  expect(identifyApp({ referer: 'https://a.example', title })?.title).toBe(`evil${'x'.repeat(252)}`);
});

test('an app is looked up once, and a failed lookup costs the attribution only', async () => {
  let calls = 0;
  const registry = createAppRegistry(async () => {
    calls += 1;
    if (calls === 1) throw new Error('down');
    return 7;
  });
  const app = { url: 'https://a.example', title: 'A' };
  expect(await registry.resolve(app)).toBeNull();
  expect(await registry.resolve(app)).toBe(7);
  expect(registry.resolve(app)).toBe(7);
  expect(calls).toBe(2);
  expect(registry.resolve(null)).toBeNull();
});

test('an answer does not wait for a database that is silent', async () => {
  const slow = Promise.withResolvers<number>();
  const registry = createAppRegistry(() => slow.promise, 10);
  const app = { url: 'https://a.example', title: 'A' };
  expect(await registry.resolve(app)).toBeNull();
  slow.resolve(7);
  await slow.promise;
  expect(registry.resolve(app)).toBe(7);
});
