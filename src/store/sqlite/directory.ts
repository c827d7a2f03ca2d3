// The directory on SQLite: domains, users, groups, and whom an address means.
import { domainOf, localPartOf, normalAddress } from '../addresses.ts';
import type { Addressee, DirectoryStore, Group, User } from '../directory-store.ts';
import type { SqliteDatabase } from './database.ts';
import type { Users } from './users.ts';

interface GroupRow {
  readonly id: number;
  readonly address: string;
  readonly displayName: string;
  /** JSON. */
  readonly members: string;
}

export function sqliteDirectory(database: SqliteDatabase, users: Users): DirectoryStore {
  const directory = new Directory(database, users);
  return {
    domains: async () => directory.domains(),
    putDomain: async (domain) => directory.putDomain(domain),
    userByLogin: async (name, domain) => directory.userByLogin(name, domain),
    user: async (id) => users.byId(id),
    users: async () => users.list(),
    putUser: async (name, domain, fields) => users.put(name, domain, fields, new Set(directory.domains())),
    removeUser: async (id) => users.remove(id),
    groups: async () => directory.groups(),
    putGroup: async (group) => directory.putGroup(group),
    removeGroup: async (address) => directory.removeGroup(address),
    resolve: async (address) => directory.resolve(address),
  };
}

class Directory {
  readonly #database: SqliteDatabase;
  readonly #users: Users;
  readonly #sql;

  constructor(database: SqliteDatabase, users: Users) {
    this.#database = database;
    this.#users = users;
    this.#sql = prepareStatements(database);
  }

  domains(): readonly string[] {
    return this.#sql.domains.all();
  }

  putDomain(domain: string): boolean {
    const name = normalAddress(domain);
    if (this.#sql.hasDomain.get(name) !== undefined) return false;
    return this.#database.unit(() => this.#sql.putDomain.run(name).changes > 0);
  }

  userByLogin(givenName: string, givenDomain: string | undefined): User | undefined {
    const name = normalAddress(givenName);
    if (name.includes('@')) return this.#users.byAddress(name);
    if (givenDomain === undefined) return this.#users.byLocalPart(name);
    return this.#users.byAddress(`${name}@${normalAddress(givenDomain)}`);
  }

  groups(): readonly Group[] {
    return this.#sql.groups.all().map(groupOf);
  }

  putGroup(group: Group): 'created' | 'changed' | 'unchanged' | 'address-taken' | 'unknown-domain' {
    const address = normalAddress(group.address);
    const members = JSON.stringify([...new Set(group.members.map(normalAddress))]);
    return this.#database.unit(() => {
      if (this.#sql.hasDomain.get(domainOf(address)) === undefined) return 'unknown-domain';
      const before = this.#sql.group.get(address);
      if (before !== undefined) {
        if (before.displayName === group.displayName && before.members === members) return 'unchanged';
        this.#sql.updateGroup.run(group.displayName, members, before.id);
        return 'changed';
      }
      if (this.#sql.hasAddress.get(address) !== undefined) return 'address-taken';
      const id = Number(this.#sql.insertGroup.run(address, group.displayName, members).lastInsertRowid);
      this.#sql.addAddress.run(address, localPartOf(address), id);
      return 'created';
    });
  }

  removeGroup(givenAddress: string): boolean {
    const address = normalAddress(givenAddress);
    return this.#database.unit(() => {
      const group = this.#sql.group.get(address);
      if (group === undefined) return false;
      this.#sql.forgetAddresses.run(group.id);
      this.#sql.removeGroup.run(group.id);
      return true;
    });
  }

  resolve(givenAddress: string): Addressee {
    const address = normalAddress(givenAddress);
    const user = this.#users.byAddress(address);
    if (user !== undefined) return { kind: 'user', user };
    const group = this.#sql.group.get(address);
    if (group !== undefined) return { kind: 'group', group: groupOf(group) };
    return { kind: this.#sql.hasDomain.get(domainOf(address)) === undefined ? 'outside' : 'unknown' };
  }
}

function groupOf({ address, displayName, members }: GroupRow): Group {
  return { address, displayName, members: JSON.parse(members) };
}

function prepareStatements({ connection }: SqliteDatabase) {
  const group = 'SELECT id, address, display_name AS displayName, members FROM groups';
  return {
    domains: connection.prepare<[], string>('SELECT name FROM domains ORDER BY name').pluck(),
    hasDomain: connection.prepare<[string], number>('SELECT 1 FROM domains WHERE name = ?').pluck(),
    putDomain: connection.prepare<[string]>('INSERT OR IGNORE INTO domains VALUES (?)'),
    groups: connection.prepare<[], GroupRow>(`${group} ORDER BY address`),
    group: connection.prepare<[string], GroupRow>(`${group} WHERE address = ?`),
    insertGroup: connection.prepare<[string, string, string]>(
      'INSERT INTO groups (address, display_name, members) VALUES (?, ?, ?)',
    ),
    updateGroup: connection.prepare<[string, string, number]>(
      'UPDATE groups SET display_name = ?, members = ? WHERE id = ?',
    ),
    removeGroup: connection.prepare<[number]>('DELETE FROM groups WHERE id = ?'),
    hasAddress: connection.prepare<[string], number>('SELECT 1 FROM addresses WHERE address = ?').pluck(),
    addAddress: connection.prepare<[string, string, number]>('INSERT INTO addresses VALUES (?, ?, NULL, ?)'),
    forgetAddresses: connection.prepare<[number]>('DELETE FROM addresses WHERE group_id = ?'),
  };
}
