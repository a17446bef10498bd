import { BlockList, isIP } from 'node:net';

/**
 * Networks that no customer's URL may lead to: this machine, its neighbours, the cloud's metadata service, and whatever else is not the
 * public internet (IANA's special-purpose address registries, read 2026-11).
 */
const BLOCKED_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** Of IPv6 only the global unicast space is public, and not all of it. */
const PUBLIC_V6 = ['2000::', 3] as const;
const BLOCKED_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];

function blockListOf(
  v4: readonly (readonly [string, number])[],
  v6: readonly (readonly [string, number])[],
): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of v4) list.addSubnet(network, prefix, 'ipv4');
  for (const [network, prefix] of v6) list.addSubnet(network, prefix, 'ipv6');
  return list;
}

const blocked = blockListOf(BLOCKED_V4, BLOCKED_V6);
const globalV6 = blockListOf([], [PUBLIC_V6]);

/** Which addresses and ports may be reached. */
export interface Reach {
  /** `host/prefix`, e.g. "10.0.0.0/8": networks of the operator's own that hold media for the models. */
  readonly networks: readonly string[];
  readonly ports: readonly number[];
}

/** Decides on addresses. Throws an Error for a network that is none. */
export function createAddressCheck({ networks }: Pick<Reach, 'networks'>): (address: string) => boolean {
  const own = new BlockList();
  for (const network of networks) {
    const [host = '', prefix = ''] = network.split('/');
    const version = isIP(host);
    const bits = Number(prefix);
    const isPrefix = /^\d{1,3}$/.test(prefix) && bits <= (version === 4 ? 32 : 128);
    if (version === 0 || !isPrefix) throw new Error(`${JSON.stringify(network)} is not a network such as 10.0.0.0/8.`);
    own.addSubnet(host, bits, version === 4 ? 'ipv4' : 'ipv6');
  }
  return (address) => {
    const version = isIP(address);
    if (version === 0) return false;
    const family = version === 4 ? 'ipv4' : 'ipv6';
    if (own.check(address, family)) return true;
    // IPv4 in IPv6's clothes (::ffff:127.0.0.1, 64:ff9b::7f00:1) is outside of the global space, and so refused as a whole.
    return version === 4
      ? !blocked.check(address, family)
      : globalV6.check(address, family) && !blocked.check(address, family);
  };
}
