// The organisation: domains, users, groups. What the GAL and logins are made of.
import type { MailboxId, UserId } from '../protocol/ids.ts';

export interface User {
  readonly id: UserId;
  readonly mailboxId: MailboxId;
  /** Login name without domain, lower case. */
  readonly name: string;
  readonly domain: string;
  /** Primary address first, then aliases; lower case. */
  readonly addresses: readonly string[];
  readonly displayName: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly phone: string;
  readonly mobile: string;
  readonly office: string;
  readonly title: string;
  readonly company: string;
  readonly department: string;
  /** JPEG or PNG octets. */
  readonly photo?: Buffer;
  /** argon2id in PHC form; never leaves the server. */
  readonly passwordHash: string;
  /** False: no login of any kind; mail is still delivered. */
  readonly enabled: boolean;
  /** False: ActiveSync is refused with 403. */
  readonly activeSyncEnabled: boolean;
}

/** What makes or changes a user. Absent members keep what they were (or their default when new). */
export interface UserFields {
  readonly displayName?: string;
  readonly givenName?: string;
  readonly familyName?: string;
  readonly phone?: string;
  readonly mobile?: string;
  readonly office?: string;
  readonly title?: string;
  readonly company?: string;
  readonly department?: string;
  /** null takes the photo away. */
  readonly photo?: Buffer | null;
  readonly passwordHash?: string;
  readonly enabled?: boolean;
  readonly activeSyncEnabled?: boolean;
  /** Aliases besides the primary address. */
  readonly aliases?: readonly string[];
}

export interface Group {
  readonly address: string;
  readonly displayName: string;
  /** Addresses of members: users, other groups, or outside addresses; lower case. */
  readonly members: readonly string[];
}

export type Addressee =
  | { readonly kind: 'user'; readonly user: User }
  | { readonly kind: 'group'; readonly group: Group }
  /** In one of our domains, but nobody. */
  | { readonly kind: 'unknown' }
  /** Not in one of our domains. */
  | { readonly kind: 'outside' };

export type PutUserOutcome =
  | { readonly kind: 'created' | 'changed' | 'unchanged'; readonly user: User }
  | { readonly kind: 'address-taken'; readonly address: string }
  | { readonly kind: 'unknown-domain' };

export interface DirectoryStore {
  domains(): Promise<readonly string[]>;
  /** True when it was new. */
  putDomain(domain: string): Promise<boolean>;
  /** By login name: `user`, `user@domain` or an alias; `DOMAIN\user` is taken apart by the caller. Domain undefined means any, if only one matches. */
  userByLogin(name: string, domain: string | undefined): Promise<User | undefined>;
  user(id: UserId): Promise<User | undefined>;
  users(): Promise<readonly User[]>;
  /** Makes or changes the user `name@domain`; a new user gets a mailbox with the default folders of every class. */
  putUser(name: string, domain: string, fields: UserFields): Promise<PutUserOutcome>;
  /** Removes the user, the mailbox and everything in it. False when there was none. */
  removeUser(id: UserId): Promise<boolean>;
  groups(): Promise<readonly Group[]>;
  /** 'address-taken' when a user has the address. */
  putGroup(group: Group): Promise<'created' | 'changed' | 'unchanged' | 'address-taken' | 'unknown-domain'>;
  removeGroup(address: string): Promise<boolean>;
  /** Whom an address means; case does not count. */
  resolve(address: string): Promise<Addressee>;
}
