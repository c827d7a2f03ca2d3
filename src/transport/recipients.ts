// Whom an address means in the end: users, aliases, user+tag, groups within groups, or somebody outside.
// Plus addressing follows RFC 5233 section 1 (Introduction, "detail" of an address).
import type { DirectoryStore, User } from '../store/directory-store.ts';

export interface RecipientLimits {
  /** Groups within groups. */
  readonly groupDepth: number;
  /** Addresses that one recipient may stand for. */
  readonly groupMembers: number;
}

export const defaultRecipientLimits: RecipientLimits = { groupDepth: 10, groupMembers: 10_000 };

/** What one address stands for. */
export type ResolvedRecipient =
  | {
      readonly kind: 'found';
      /** Each once. */
      readonly users: readonly User[];
      /** Addresses outside, lower case, each once. */
      readonly outside: readonly string[];
      /** Groups passed on the way, lower case. */
      readonly groups: readonly string[];
      /** Members of groups that are nobody any more. */
      readonly strays: readonly string[];
    }
  /** In one of our domains, but nobody. */
  | { readonly kind: 'unknown' }
  /** A group beyond the limits. */
  | { readonly kind: 'group-too-large' };

interface Expansion {
  readonly users: Map<number, User>;
  readonly outside: Set<string>;
  readonly groups: Set<string>;
  readonly strays: Set<string>;
  seen: number;
}

/** An address as it is compared: lower case, without blanks and angle brackets around it. */
export function normalAddress(address: string): string {
  return address
    .trim()
    .replace(/^<(.*)>$/s, '$1')
    .toLowerCase();
}

/** `user+tag@domain` without its tag; undefined when it has none. */
export function withoutTag(address: string): string | undefined {
  const at = address.lastIndexOf('@');
  const plus = address.indexOf('+');
  return plus > 0 && plus < at ? address.slice(0, plus) + address.slice(at) : undefined;
}

async function lookUp(directory: DirectoryStore, address: string) {
  const exact = await directory.resolve(address);
  if (exact.kind !== 'unknown') return exact;
  const plain = withoutTag(address);
  return plain === undefined ? exact : directory.resolve(plain);
}

/** Resolves one address. Loops of groups end by themselves: a group is opened once. */
export async function resolveRecipient(
  directory: DirectoryStore,
  address: string,
  limits: RecipientLimits = defaultRecipientLimits,
): Promise<ResolvedRecipient> {
  const start = normalAddress(address);
  const found: Expansion = { users: new Map(), outside: new Set(), groups: new Set(), strays: new Set(), seen: 0 };
  let level: string[] = [start];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limits.groupDepth) return { kind: 'group-too-large' };
    const next: string[] = [];
    for (const member of level) {
      const addressee = await lookUp(directory, member);
      if (addressee.kind === 'unknown' && depth === 0) return { kind: 'unknown' };
      if (++found.seen > limits.groupMembers) return { kind: 'group-too-large' };
      if (addressee.kind === 'user') found.users.set(addressee.user.id, addressee.user);
      else if (addressee.kind === 'outside') found.outside.add(member);
      else if (addressee.kind === 'unknown') found.strays.add(member);
      else if (!found.groups.has(addressee.group.address)) {
        found.groups.add(addressee.group.address);
        next.push(...addressee.group.members.slice(0, limits.groupMembers + 1));
      }
    }
    level = next;
  }
  return {
    kind: 'found',
    users: [...found.users.values()],
    outside: [...found.outside],
    groups: [...found.groups],
    strays: [...found.strays],
  };
}
