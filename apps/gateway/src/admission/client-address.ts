import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';

/** What a request says of where it comes from. */
export type AddressedRequest = Pick<IncomingMessage, 'headers'> & {
  readonly socket: { readonly remoteAddress?: string | undefined };
};

const PEERS_MAX = 10_000;
const HOPS_MAX = 20;

/** Networks such as `10.0.0.0/8` and `fd00::/8`. Throws for anything else. */
function networksOf(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [network = '', prefix = ''] = text.split('/');
    list.addSubnet(network, Number(prefix), isIPv6(network) ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** IPv4 that came over an IPv6 socket is IPv4. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/**
 * The name under which an address is counted: itself for IPv4, its network of 64 bits for IPv6, because a household has all of one. Null
 * for what is no address.
 */
export function addressName(text: string): string | null {
  const address = plain(text.trim());
  const family = isIP(address);
  if (family === 4) return address;
  if (family !== 6) return null;
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const [front, back] = [head, tail].map((part) => (part === '' ? [] : part.split(':')));
  const given = [...(front ?? []), ...Array<string>(8).fill('0')];
  const groups = address.includes('::') ? [...given.slice(0, 8 - (back?.length ?? 0)), ...(back ?? [])] : given;
  const first = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${first.join(':')}::/64`;
}

/**
 * Tells where requests come from. What a proxy that we trust says in `X-Forwarded-For` counts, from the end up to the first address that is no
 * such proxy; what anybody else says there does not. A trusted proxy that names nobody is our own infrastructure and has no address.
 */
export class ClientAddresses {
  readonly #trusted: BlockList;
  /** What is known of peers, so that the usual request costs one look: null is a trusted one. */
  #peers = new Map<string, string | null>();

  constructor(trustedProxies: readonly string[]) {
    this.#trusted = networksOf(trustedProxies);
  }

  /** The name of the client's address (see `addressName`); null when there is none to count by. */
  of({ headers, socket: { remoteAddress } }: AddressedRequest): string | null {
    if (remoteAddress === undefined) return null;
    const peer = this.#peer(remoteAddress);
    if (peer !== null) return peer;
    const forwarded = headers['x-forwarded-for'];
    return forwarded === undefined ? null : this.#forwarded(String(forwarded));
  }

  #peer(remoteAddress: string): string | null {
    const known = this.#peers.get(remoteAddress);
    if (known !== undefined) return known;
    const name = this.#isTrusted(remoteAddress) ? null : addressName(remoteAddress);
    if (this.#peers.size >= PEERS_MAX) this.#peers = new Map();
    this.#peers.set(remoteAddress, name);
    return name;
  }

  #forwarded(list: string): string | null {
    const hops = list.split(',').slice(-HOPS_MAX).reverse();
    const client = hops.find((hop) => !this.#isTrusted(hop.trim()));
    return client === undefined ? null : addressName(client);
  }

  #isTrusted(text: string): boolean {
    const address = plain(text);
    const family = isIP(address);
    return family !== 0 && this.#trusted.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}
