// Device partnerships on SQLite.
import type { PartnershipId, UserId } from '../../protocol/ids.ts';
import type { DeviceStore, Partnership, PartnershipChange } from '../device-store.ts';
import { StoreError } from '../store-error.ts';
import type { SqliteDatabase } from './database.ts';
import { RowCache } from './row-cache.ts';
import type { SyncStates } from './sync-states.ts';

type Row = Omit<Partnership, 'information'> & { readonly information: string };

const columns = `id, user AS userId, device_id AS deviceId, device_type AS deviceType, user_agent AS userAgent,
  protocol_version AS protocolVersion, first_seen AS firstSeen, last_seen AS lastSeen, information, policy_key AS policyKey,
  pending_policy_key AS pendingPolicyKey, policy_digest AS policyDigest, ping_parameters AS pingParameters,
  sync_parameters AS syncParameters`;

export function sqliteDevices(database: SqliteDatabase, devices: Devices): DeviceStore {
  return {
    find: async (user, deviceId) => devices.find(user, deviceId),
    findOrCreate: async (user, device, limit) => devices.findOrCreate(user, device, limit),
    update: async (id, change) => devices.update(id, change),
    list: async (user) => devices.list(user),
    remove: async (id) => database.unit(() => devices.remove(id)),
  };
}

export class Devices {
  readonly #database: SqliteDatabase;
  readonly #states: SyncStates;
  readonly #cache: RowCache<Partnership>;
  readonly #sql;

  constructor(database: SqliteDatabase, states: SyncStates) {
    this.#database = database;
    this.#states = states;
    this.#cache = new RowCache(database);
    this.#sql = prepareStatements(database);
  }

  find(user: UserId, deviceId: string): Partnership | undefined {
    return this.#cache.get(keyOf(user, deviceId), () => {
      const row = this.#sql.find.get(user, deviceId.toLowerCase());
      return row && partnershipOf(row);
    });
  }

  findOrCreate(
    user: UserId,
    device: { readonly deviceId: string; readonly deviceType: string; readonly userAgent: string },
    limit: number,
  ): Partnership | undefined {
    const known = this.find(user, device.deviceId);
    if (known !== undefined) return known;
    return this.#database.unit(() => {
      const { deviceId, deviceType, userAgent } = device;
      if (this.#sql.user.get(user) === undefined) throw new StoreError('gone', 'The user was removed.');
      // Another process may have made it in between.
      const made = this.find(user, deviceId);
      if (made !== undefined) return made;
      if ((this.#sql.count.get(user) ?? 0) >= limit) return undefined;
      const now = this.#database.now();
      this.#sql.insert.run(user, deviceId, deviceId.toLowerCase(), deviceType, userAgent, now, wholeMinute(now));
      return this.find(user, deviceId);
    });
  }

  update(id: PartnershipId, change: PartnershipChange): void {
    const row = this.#sql.byId.get(id);
    if (row === undefined) return;
    const before = partnershipOf(row);
    const after = { ...before, ...definedOf(change) };
    const lastSeen = wholeMinute(after.lastSeen);
    const next: Row = { ...after, lastSeen, information: JSON.stringify(after.information) };
    if (sameRow(row, next)) return;
    this.#database.unit(() => {
      this.#cache.forget(keyOf(row.userId, row.deviceId));
      this.#sql.update.run(next);
    });
  }

  list(user: UserId): readonly Partnership[] {
    return this.#sql.list.all(user).map(partnershipOf);
  }

  /** Within a unit. */
  remove(id: PartnershipId): void {
    this.#cache.clear();
    this.#states.removeAll(id);
    this.#sql.remove.run(id);
  }
}

function prepareStatements({ connection }: SqliteDatabase) {
  return {
    byId: connection.prepare<[number], Row>(`SELECT ${columns} FROM partnerships WHERE id = ?`),
    find: connection.prepare<[number, string], Row>(
      `SELECT ${columns} FROM partnerships WHERE user = ? AND device_key = ?`,
    ),
    list: connection.prepare<[number], Row>(`SELECT ${columns} FROM partnerships WHERE user = ? ORDER BY id`),
    count: connection.prepare<[number], number>('SELECT count(*) FROM partnerships WHERE user = ?').pluck(),
    user: connection.prepare<[number], number>('SELECT 1 FROM users WHERE id = ?').pluck(),
    insert: connection.prepare<[number, string, string, string, string, number, number]>(
      `INSERT INTO partnerships (user, device_id, device_key, device_type, user_agent, first_seen, last_seen, protocol_version, information,
         policy_key, pending_policy_key, policy_digest, ping_parameters, sync_parameters)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0, '{}', 0, 0, '', '', '')`,
    ),
    update: connection.prepare<[Row]>(
      `UPDATE partnerships SET device_type = @deviceType, user_agent = @userAgent, protocol_version = @protocolVersion,
         last_seen = @lastSeen, information = @information, policy_key = @policyKey, pending_policy_key = @pendingPolicyKey,
         policy_digest = @policyDigest, ping_parameters = @pingParameters, sync_parameters = @syncParameters WHERE id = @id`,
    ),
    remove: connection.prepare<[number]>('DELETE FROM partnerships WHERE id = ?'),
  };
}

function partnershipOf(row: Row): Partnership {
  return { ...row, information: JSON.parse(row.information) };
}

function keyOf(user: UserId, deviceId: string): string {
  return `${user}:${deviceId.toLowerCase()}`;
}

function wholeMinute(milliseconds: number): number {
  return milliseconds - (milliseconds % 60_000);
}

function definedOf(change: PartnershipChange): PartnershipChange {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function sameRow(a: Row, b: Row): boolean {
  for (const name of Object.keys(a) as (keyof Row)[]) if (a[name] !== b[name]) return false;
  return true;
}
