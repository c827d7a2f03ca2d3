// Slows down failed logins by account and by address, in bounded memory.
import { isIPv6 } from 'node:net';
import type { AuthenticationLimits } from './settings.ts';

export interface LoginLimiter {
  /**
   * Asks for one attempt. Gives the milliseconds to wait when it may not be made; 0 when it may, and then it counts as failed
   * until {@link succeeded} says otherwise, so that attempts at the same time count too.
   */
  attempt(account: string, address: string): number;
  /** The last attempt was right: forgets the failures of the account, and takes the attempt off the address. */
  succeeded(account: string, address: string): void;
  /** The last attempt was not made after all. */
  withdrawn(account: string, address: string): void;
}

interface Failures {
  count: number;
  /** When the next attempt may be made. */
  next: number;
  last: number;
}

type Bounds = Pick<
  AuthenticationLimits,
  'failuresPerAccount' | 'failuresPerAddress' | 'longestDelay' | 'failureMemory' | 'remembered'
>;

/** Limits within this process. `now` in milliseconds. */
export function loginLimiter(bounds: Bounds, now: () => number): LoginLimiter {
  const accounts = new Map<string, Failures>();
  const addresses = new Map<string, Failures>();

  const find = (map: Map<string, Failures>, key: string, time: number) => {
    const failures = map.get(key);
    if (failures === undefined || time - failures.last <= bounds.failureMemory) return failures;
    map.delete(key);
    return undefined;
  };
  const count = (map: Map<string, Failures>, key: string, free: number, time: number) => {
    const failures = map.get(key) ?? { count: 0, next: 0, last: 0 };
    failures.count++;
    failures.last = time;
    if (failures.count >= free) {
      failures.next = time + Math.min(bounds.longestDelay, 1000 * 2 ** Math.min(failures.count - free, 30));
    }
    map.delete(key);
    map.set(key, failures);
    // The one that was quiet longest goes first. Flooding the table takes as many addresses as it has rows.
    if (map.size > bounds.remembered) for (const oldest of map.keys()) return map.delete(oldest);
    return true;
  };
  return {
    attempt(account, address) {
      const time = now();
      const network = networkOf(address);
      const next = Math.max(find(accounts, account, time)?.next ?? 0, find(addresses, network, time)?.next ?? 0);
      if (next > time) return next - time;
      count(accounts, account, bounds.failuresPerAccount, time);
      count(addresses, network, bounds.failuresPerAddress, time);
      return 0;
    },
    succeeded(account, address) {
      accounts.delete(account);
      takeOff(addresses.get(networkOf(address)));
    },
    withdrawn(account, address) {
      takeOff(accounts.get(account));
      takeOff(addresses.get(networkOf(address)));
    },
  };
}

function takeOff(failures: Failures | undefined): void {
  if (failures === undefined) return;
  failures.count--;
  failures.next = 0;
}

/** An IPv6 customer has at least a /64, so that counts as one. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter((group) => group !== '').length;
  return [...groups, ...Array<string>(Math.max(0, zeros)).fill('0')].slice(0, 4).join(':');
}
