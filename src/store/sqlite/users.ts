// Users on SQLite: rows, addresses, photos, and what comes and goes with a user.
import type { MailboxId, UserId } from '../../protocol/ids.ts';
import { localPartOf, normalAddress, userAddresses } from '../addresses.ts';
import type { PutUserOutcome, User, UserFields } from '../directory-store.ts';
import type { Counters } from './counters.ts';
import type { SqliteDatabase } from './database.ts';
import type { Devices } from './devices.ts';
import type { Folders } from './folders.ts';
import type { Purges } from './purges.ts';
import { RowCache } from './row-cache.ts';
import { prepareUserStatements, textFields, type UserRow } from './user-statements.ts';

/** More than a mailbox has default folders; each takes an id. */
const idsOfNewMailbox = 32;

export interface UserParts {
  readonly database: SqliteDatabase;
  readonly counters: Counters;
  readonly folders: Folders;
  readonly devices: Devices;
  readonly purges: Purges;
}

export class Users {
  readonly #parts: UserParts;
  readonly #cache: RowCache<User>;
  readonly #sql;

  constructor(parts: UserParts) {
    this.#parts = parts;
    this.#cache = new RowCache(parts.database);
    this.#sql = prepareUserStatements(parts.database.connection);
  }

  byId(id: UserId): User | undefined {
    return this.#cache.get(String(id), () => {
      const row = this.#sql.byId.get(id);
      return row && this.#userOf(row);
    });
  }

  byAddress(address: string): User | undefined {
    return this.#cache.get(address, () => {
      const row = this.#sql.byAddress.get(address);
      return row && this.#userOf(row);
    });
  }

  list(): readonly User[] {
    return this.#sql.all.all().map((row) => this.#userOf(row));
  }

  /** By login name or alias without domain, if only one user is meant; the login name counts first. */
  byLocalPart(name: string): User | undefined {
    for (const candidates of [this.#sql.named.all(name), this.#sql.byLocalPart.all(name)]) {
      const [only, another] = candidates;
      if (only !== undefined) return another === undefined ? this.byId(only) : undefined;
    }
    return undefined;
  }

  put(givenName: string, givenDomain: string, fields: UserFields, domains: ReadonlySet<string>): PutUserOutcome {
    const name = normalAddress(givenName);
    const domain = normalAddress(givenDomain);
    this.#parts.database.identifiers.reserve(idsOfNewMailbox);
    return this.#parts.database.unit((): PutUserOutcome => {
      this.#cache.clear();
      const before = this.#sql.byName.get(name, domain);
      const aliases =
        fields.aliases ?? (before === undefined ? [] : (JSON.parse(before.addresses) as string[]).slice(1));
      const addresses = userAddresses(name, domain, aliases);
      if (addresses.some((address) => !domains.has(address.slice(address.lastIndexOf('@') + 1)))) {
        return { kind: 'unknown-domain' };
      }
      const taken = addresses.find((address) => !this.#isFree(address, before?.id));
      if (taken !== undefined) return { kind: 'address-taken', address: taken };
      const row = mergedRow(before ?? emptyRow(name, domain), fields, addresses);
      const id = before === undefined ? this.#create(row) : before.id;
      const photoChanged = this.#putPhoto(id, fields.photo);
      if (before !== undefined && !photoChanged && sameRow(before, row)) {
        return { kind: 'unchanged', user: this.#userOf(before) };
      }
      if (before !== undefined) this.#sql.update.run(row);
      this.#putAddresses(id, addresses);
      return {
        kind: before === undefined ? 'created' : 'changed',
        user: this.#userOf({ ...row, id, ...this.#mailboxOf(id) }),
      };
    });
  }

  /** False when there was none. */
  remove(id: UserId): boolean {
    const { database, folders, counters, devices, purges } = this.#parts;
    const removed = database.unit(() => {
      const row = this.#sql.byId.get(id);
      if (row === undefined) return false;
      this.#cache.clear();
      for (const { id: partnership } of devices.list(id)) devices.remove(partnership);
      folders.deleteAll(row.mailboxId);
      counters.remove(row.mailboxId);
      this.#sql.forgetAddresses.run(id);
      this.#sql.removePhoto.run(id);
      this.#sql.forgetMarks.run(row.mailboxId);
      this.#sql.remove.run(id);
      return true;
    });
    if (removed) purges.start();
    return removed;
  }

  #create(row: UserRow): UserId {
    const mailboxId = this.#parts.counters.create();
    this.#parts.folders.createDefaults(mailboxId);
    return Number(this.#sql.insert.run({ ...row, mailboxId }).lastInsertRowid) as UserId;
  }

  #mailboxOf(id: UserId): { mailboxId: MailboxId } {
    return { mailboxId: this.#sql.mailboxOf.get(id) as MailboxId };
  }

  #isFree(address: string, owner: UserId | undefined): boolean {
    const holder = this.#sql.holder.get(address);
    return holder === undefined || (owner !== undefined && holder.userId === owner);
  }

  #putAddresses(id: UserId, addresses: readonly string[]): void {
    this.#sql.forgetAddresses.run(id);
    for (const address of addresses) this.#sql.addAddress.run(address, localPartOf(address), id);
  }

  #putPhoto(id: UserId, photo: Buffer | null | undefined): boolean {
    if (photo === undefined) return false;
    if (photo === null) return this.#sql.removePhoto.run(id).changes > 0;
    if (this.#sql.photo.get(id)?.equals(photo) === true) return false;
    this.#sql.putPhoto.run(id, photo);
    return true;
  }

  #userOf(row: UserRow): User {
    const { addresses, enabled, activeSyncEnabled, ...rest } = row;
    const user = {
      ...rest,
      addresses: JSON.parse(addresses),
      enabled: enabled === 1,
      activeSyncEnabled: activeSyncEnabled === 1,
    };
    if (this.#sql.hasPhoto.get(row.id) === undefined) return user;
    // Read when it is asked for: a user is looked up with every request, the photo hardly ever.
    const photo = this.#sql.photo;
    return Object.defineProperty(user, 'photo', { enumerable: true, get: () => photo.get(row.id) });
  }
}

function emptyRow(name: string, domain: string): UserRow {
  const empty = Object.fromEntries(textFields.map((field) => [field, ''])) as Record<
    (typeof textFields)[number],
    string
  >;
  const none = { id: 0 as UserId, mailboxId: 0 as MailboxId, addresses: '' };
  return { ...none, name, domain, ...empty, enabled: 1, activeSyncEnabled: 1 };
}

function mergedRow(before: UserRow, fields: UserFields, addresses: readonly string[]): UserRow {
  const row: { -readonly [Name in keyof UserRow]: UserRow[Name] } = { ...before, addresses: JSON.stringify(addresses) };
  for (const field of textFields) row[field] = fields[field] ?? before[field];
  if (fields.enabled !== undefined) row.enabled = fields.enabled ? 1 : 0;
  if (fields.activeSyncEnabled !== undefined) row.activeSyncEnabled = fields.activeSyncEnabled ? 1 : 0;
  return row;
}

function sameRow(a: UserRow, b: UserRow): boolean {
  return (Object.keys(a) as (keyof UserRow)[]).every((name) => a[name] === b[name]);
}
