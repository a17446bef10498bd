import { describe, expect, test } from 'vitest';
import { createAddressCheck } from './reachable.ts';

const isReachable = createAddressCheck({ networks: [] });

describe('what is not the public internet is refused', () => {
  test.each([
    ['this network', '0.0.0.0'],
    ['this network, any', '0.1.2.3'],
    ['private, class A', '10.0.0.1'],
    ['private, class A, its end', '10.255.255.255'],
    ['shared by carriers', '100.64.0.1'],
    ['shared by carriers, its end', '100.127.255.255'],
    ['this machine', '127.0.0.1'],
    ['this machine, elsewhere', '127.255.255.254'],
    ['link-local', '169.254.0.1'],
    ['the metadata of a cloud', '169.254.169.254'],
    ['private, class B', '172.16.0.1'],
    ['private, class B, its end', '172.31.255.255'],
    ['protocol assignments', '192.0.0.8'],
    ['documentation 1', '192.0.2.1'],
    ['AS112', '192.31.196.1'],
    ['multicast tunnels', '192.52.193.1'],
    ['relays to IPv6', '192.88.99.1'],
    ['private, class C', '192.168.1.1'],
    ['AS112, direct', '192.175.48.1'],
    ['benchmarks', '198.18.0.1'],
    ['documentation 2', '198.51.100.1'],
    ['documentation 3', '203.0.113.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['IPv6 unspecified', '::'],
    ['IPv6 this machine', '::1'],
    ['IPv4-mapped this machine', '::ffff:127.0.0.1'],
    ['IPv4-mapped metadata, in hexadecimal', '::ffff:a9fe:a9fe'],
    ['IPv4-mapped public', '::ffff:8.8.8.8'],
    ['IPv4-compatible', '::7f00:1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['NAT64, local', '64:ff9b:1::1'],
    ['discard', '100::1'],
    ['Teredo', '2001::1'],
    ['benchmarks v6', '2001:2::1'],
    ['ORCHID', '2001:20::1'],
    ['documentation v6', '2001:db8::1'],
    ['6to4 of this machine', '2002:7f00:1::'],
    ['AS112 v6', '2620:4f:8000::1'],
    ['documentation v6, new', '3fff::1'],
    ['segment routing', '5f00::1'],
    ['unique local', 'fc00::1'],
    ['unique local, AWS metadata', 'fd00:ec2::254'],
    ['link-local v6', 'fe80::1'],
    ['site-local', 'fec0::1'],
    ['multicast v6', 'ff02::1'],
    ['no address', 'localhost'],
    ['empty', ''],
  ])('%s: %s', (_name, address) => {
    expect(isReachable(address)).toBe(false);
  });
});

test.each([
  ['8.8.8.8'],
  ['1.1.1.1'],
  ['100.63.255.255'],
  ['100.128.0.0'],
  ['172.15.255.255'],
  ['172.32.0.0'],
  ['192.0.1.1'],
])('%s is public', (address) => {
  expect(isReachable(address)).toBe(true);
});

test.each([['2606:4700:4700::1111'], ['2001:4860:4860::8888'], ['2a00:1450::1']])('%s is public', (address) => {
  expect(isReachable(address)).toBe(true);
});

describe('networks of the operator', () => {
  const own = createAddressCheck({ networks: ['10.1.0.0/16', 'fd12::/32'] });

  test('are reached, and their neighbours are not', () => {
    expect(['10.1.2.3', 'fd12::5', '8.8.8.8'].map(own)).toEqual([true, true, true]);
    expect(['10.2.0.1', 'fd13::1', '127.0.0.1'].map(own)).toEqual([false, false, false]);
  });

  test.each([['10.0.0.0'], ['10.0.0.0/33'], ['fd00::/129'], ['host/8'], ['10.0.0.0/x'], ['']])(
    '%o is no network',
    (network) => {
      expect(() => createAddressCheck({ networks: [network] })).toThrow(/network/);
    },
  );
});
