import { describe, expect, test } from 'vitest';
import { addressName, ClientAddresses } from './client-address.ts';

describe('addressName', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    [' 203.0.113.7 ', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%j is counted as %j', (text, name) => {
    expect(addressName(text)).toBe(name);
  });

  test.each([[''], ['unknown'], ['_hidden'], ['203.0.113.7:4711'], ['2001:db8'], ['256.1.1.1']])(
    '%j is no address',
    (text) => {
      expect(addressName(text)).toBeNull();
    },
  );
});

describe('the address of a client', () => {
  const addresses = new ClientAddresses(['127.0.0.0/8', '::1/128', '10.0.0.0/8']);
  const of = (remoteAddress: string | undefined, forwarded?: string) =>
    addresses.of({
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
      socket: { remoteAddress },
    });

  test.each([
    ['203.0.113.7', undefined, '203.0.113.7'],
    ['203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['::ffff:10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['10.1.2.3', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
    ['10.1.2.3', '1.1.1.1, 198.51.100.1, 10.9.9.9', '198.51.100.1'],
    ['::1', '2001:db8:1:2:3::9', '2001:db8:1:2::/64'],
  ])('from %s with X-Forwarded-For %j it is %s', (peer, forwarded, name) => {
    expect(of(peer, forwarded)).toBe(name);
    expect(of(peer, forwarded)).toBe(name);
  });

  test.each([
    ['127.0.0.1', undefined],
    ['10.1.2.3', '10.4.4.4'],
    ['10.1.2.3', 'unknown'],
    [undefined, '198.51.100.1'],
  ])('from %s with %j there is none to count by', (peer, forwarded) => {
    expect(of(peer, forwarded)).toBeNull();
  });

  test('a million peers take no more room than ten thousand', () => {
    for (let index = 0; index < 1_000_000; index += 1)
      of(`203.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`);
    expect(of('203.0.113.7')).toBe('203.0.113.7');
  });
});
