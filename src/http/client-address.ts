// Who sent a request: the peer, or what a trusted proxy says of it (X-Forwarded-For).
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv4 } from 'node:net';

/** Finds the client's address. */
export type ClientAddress = (request: IncomingMessage) => string;

/**
 * Trusts the addresses and subnets given, such as `10.0.0.0/8` or `::1`. From anybody else the header is passed over: it is
 * easily forged, and failed logins are counted by address. Throws for what is neither.
 */
export function clientAddress(trustedProxies: readonly string[]): ClientAddress {
  const trusted = new BlockList();
  for (const proxy of trustedProxies) add(trusted, proxy);
  const isTrusted = (address: string) => trusted.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  return (request) => {
    let address = plain(request.socket.remoteAddress ?? '');
    const header = trustedProxies.length === 0 ? undefined : request.headers['x-forwarded-for'];
    if (header === undefined) return address;
    // From the nearest hop outwards: the first that is no proxy of ours is the client; whatever stands before it may be forged.
    const hops = (Array.isArray(header) ? header.join(',') : header).split(',').map((hop) => plain(hop.trim()));
    while (isIP(address) !== 0 && isTrusted(address)) {
      const next = hops.pop();
      if (next === undefined || isIP(next) === 0) break;
      address = next;
    }
    return address;
  };
}

function add(list: BlockList, text: string): void {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) throw new RangeError(`no address or subnet of a proxy: ${text}`);
  const type = family === 4 ? 'ipv4' : 'ipv6';
  if (prefix === undefined) list.addAddress(address, type);
  else list.addSubnet(address, Number(prefix), type);
}

/** Without brackets and port; IPv4 that came over an IPv6 socket as IPv4. */
function plain(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const bracketed = /^\[([0-9a-f:.]+)\](?::[0-9]+)?$/i.exec(address)?.[1];
  return bracketed ?? /^([0-9.]+):[0-9]+$/.exec(address)?.[1] ?? address;
}
