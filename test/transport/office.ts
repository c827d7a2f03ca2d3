// An organisation in a real database for the transport tests, and what its mailboxes hold.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { PartnershipId } from '../../src/protocol/ids.ts';
import type { User } from '../../src/store/directory-store.ts';
import type { Item } from '../../src/store/mailbox-store.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';

export const silent = pino({ level: 'silent' });
export const device = 7 as PartnershipId;

export interface Office {
  readonly store: Store;
  readonly directory: string;
  readonly file: string;
  readonly ann: User;
  readonly bob: User;
  /** Closes the store and opens it again, as after a restart. */
  reopen(): Promise<Office>;
  close(): Promise<void>;
}

async function putUser(store: Store, name: string, fields = {}): Promise<User> {
  const outcome = await store.directory.putUser(name, 'example.test', fields);
  if (!('user' in outcome)) throw new Error(outcome.kind);
  return outcome.user;
}

async function office(directory: string): Promise<Office> {
  const file = join(directory, 'easel.db');
  const store = await openStore({ kind: 'sqlite', file });
  await store.directory.putDomain('example.test');
  const ann = await putUser(store, 'ann', { displayName: 'Ann Ångström', aliases: ['a.angstrom'] });
  const bob = await putUser(store, 'bob', { displayName: 'Bob' });
  return {
    store,
    directory,
    file,
    ann,
    bob,
    async reopen() {
      await store.close();
      return office(directory);
    },
    async close() {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** A fresh organisation: ann and bob of example.test. */
export async function openOffice(): Promise<Office> {
  return office(await mkdtemp(join(tmpdir(), 'easel-transport-')));
}

/** Items of a user's default folder, newest first. */
export async function itemsOf(store: Store, user: User, folderType = 2): Promise<readonly Item[]> {
  const folder = await store.mailboxes.folderOfType(user.mailboxId, folderType);
  if (folder === undefined) throw new Error(`no folder of type ${folderType}`);
  return itemsIn(store, user, folder.id);
}

/** Items of a folder, newest first. */
export async function itemsIn(store: Store, user: User, folder: Item['folderId']): Promise<readonly Item[]> {
  const snapshot = await store.mailboxes.counter(user.mailboxId);
  const range = { snapshot, cursor: undefined, floor: Number.MIN_SAFE_INTEGER, limit: 100_000 };
  return store.mailboxes.backfill(user.mailboxId, folder, range);
}

/** The stored octets of an item. */
export async function octetsOf(store: Store, user: User, item: Item): Promise<Buffer> {
  const [octets] = await store.mailboxes.bodies(user.mailboxId, [{ itemId: item.id, kind: 'octets' }]);
  if (!Buffer.isBuffer(octets)) throw new Error('the item has no octets');
  return octets;
}

/** A message with CRLF line ends. */
export function mail(header: Readonly<Record<string, string>>, body = 'Hello.\r\n'): Buffer {
  const fields = Object.entries(header).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${fields.join('')}\r\n${body}`, 'utf8');
}

/** Waits until a condition holds; fails after ten seconds. Looks at each change of the mailboxes and at intervals of 5 ms. */
export async function until<Value>(look: () => Promise<Value | undefined> | Value | undefined): Promise<Value> {
  const end = Date.now() + 10_000;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error('the condition did not come to hold');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
