// The SQL of users and their addresses.
import type Database from 'better-sqlite3';
import type { MailboxId, UserId } from '../../protocol/ids.ts';
import { preparing } from './statement.ts';

/** Members of a user that are plain text, each with its column. */
const textColumns = {
  displayName: 'display_name',
  givenName: 'given_name',
  familyName: 'family_name',
  phone: 'phone',
  mobile: 'mobile',
  office: 'office',
  title: 'title',
  company: 'company',
  department: 'department',
  passwordHash: 'password_hash',
} as const;
type TextField = keyof typeof textColumns;
export const textFields = Object.keys(textColumns) as readonly TextField[];

export type UserRow = { readonly [Field in TextField]: string } & {
  readonly id: UserId;
  readonly mailboxId: MailboxId;
  readonly name: string;
  readonly domain: string;
  /** JSON; the primary one first. */
  readonly addresses: string;
  readonly enabled: number;
  readonly activeSyncEnabled: number;
};

const columnOf: Readonly<Record<string, string>> = {
  name: 'name',
  domain: 'domain',
  addresses: 'addresses',
  ...textColumns,
  enabled: 'enabled',
  activeSyncEnabled: 'active_sync_enabled',
};
const members = Object.keys(columnOf);
const selected = ['u.id', 'u.mailbox AS mailboxId', ...members.map((name) => `u.${columnOf[name]} AS ${name}`)].join(
  ', ',
);

/** Prepares every statement that users need, once a connection. @internal (its types have no public name) */
export function prepareUserStatements(connection: Database.Database) {
  const prepare = preparing(connection);
  return {
    byId: prepare<[number], UserRow>(`SELECT ${selected} FROM users u WHERE u.id = ?`),
    byName: prepare<[string, string], UserRow>(`SELECT ${selected} FROM users u WHERE u.name = ? AND u.domain = ?`),
    byAddress: prepare<[string], UserRow>(
      `SELECT ${selected} FROM addresses a JOIN users u ON u.id = a.user_id WHERE a.address = ?`,
    ),
    named: prepare<[string], UserId>('SELECT id FROM users WHERE name = ? LIMIT 2').pluck(),
    byLocalPart: prepare<[string], UserId>(
      'SELECT DISTINCT user_id FROM addresses WHERE local_part = ? AND user_id IS NOT NULL LIMIT 2',
    ).pluck(),
    all: prepare<[], UserRow>(`SELECT ${selected} FROM users u ORDER BY u.domain, u.name`),
    mailboxOf: prepare<[number], MailboxId>('SELECT mailbox FROM users WHERE id = ?').pluck(),
    insert: prepare<[UserRow]>(
      `INSERT INTO users (mailbox, ${members.map((name) => columnOf[name]).join(', ')})
       VALUES (@mailboxId, ${members.map((name) => `@${name}`).join(', ')})`,
    ),
    update: prepare<[UserRow]>(
      `UPDATE users SET ${members.map((name) => `${columnOf[name]} = @${name}`).join(', ')} WHERE id = @id`,
    ),
    remove: prepare<[number]>('DELETE FROM users WHERE id = ?'),
    holder: prepare<[string], { userId: UserId | null; groupId: number | null }>(
      'SELECT user_id AS userId, group_id AS groupId FROM addresses WHERE address = ?',
    ),
    addAddress: prepare<[string, string, number]>('INSERT INTO addresses VALUES (?, ?, ?, NULL)'),
    forgetAddresses: prepare<[number]>('DELETE FROM addresses WHERE user_id = ?'),
    hasPhoto: prepare<[number], number>('SELECT 1 FROM photos WHERE user = ?').pluck(),
    photo: prepare<[number], Buffer>('SELECT octets FROM photos WHERE user = ?').pluck(),
    putPhoto: prepare<[number, Buffer]>('INSERT OR REPLACE INTO photos VALUES (?, ?)'),
    removePhoto: prepare<[number]>('DELETE FROM photos WHERE user = ?'),
    forgetMarks: prepare<[number]>('DELETE FROM delivery_marks WHERE mailbox = ?'),
  };
}
