// The SQL of folders.
import type Database from 'better-sqlite3';
import type { Folder, FolderTombstone } from '../mailbox-store.ts';
import { preparing } from './statement.ts';

const columns = 'id, parent AS parentId, name, type, created, changed, changed_by AS changedBy';

/** Prepares every statement that folders need, once a connection. Bound values are in the order of the question marks. @internal (its types have no public name) */
export function prepareFolderStatements(connection: Database.Database) {
  const prepare = preparing(connection);
  return {
    ofMailbox: prepare<[number], Folder>(`SELECT ${columns} FROM folders WHERE mailbox = ? ORDER BY id`),
    byId: prepare<[number, number], Folder>(`SELECT ${columns} FROM folders WHERE id = ? AND mailbox = ?`),
    ofType: prepare<[number, number], Folder>(
      `SELECT ${columns} FROM folders WHERE mailbox = ? AND type = ? AND type BETWEEN 2 AND 11`,
    ),
    children: prepare<[number, number], Folder>(`SELECT ${columns} FROM folders WHERE mailbox = ? AND parent = ?`),
    named: prepare<[number, number, string], number>(
      'SELECT id FROM folders WHERE mailbox = ? AND parent = ? AND name_key = ?',
    ).pluck(),
    count: prepare<[number], number>('SELECT count(*) FROM folders WHERE mailbox = ?').pluck(),
    changedBetween: prepare<[number, number, number], Folder>(
      `SELECT ${columns} FROM folders WHERE mailbox = ? AND changed > ? AND changed <= ? ORDER BY changed`,
    ),
    deletedBetween: prepare<[number, number, number], FolderTombstone>(
      `SELECT folder AS id, created, deleted, deleted_by AS deletedBy FROM folder_tombstones
       WHERE mailbox = ? AND deleted > ? AND deleted <= ? ORDER BY deleted`,
    ),
    insert: prepare<[number, number, number, string, string, number, number, number, number]>(
      'INSERT INTO folders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    update: prepare<[number, string, string, number, number, number]>(
      'UPDATE folders SET parent = ?, name = ?, name_key = ?, changed = ?, changed_by = ? WHERE id = ?',
    ),
    remove: prepare<[number]>('DELETE FROM folders WHERE id = ?'),
    bury: prepare<[number, number, number, number, number]>('INSERT INTO folder_tombstones VALUES (?, ?, ?, ?, ?)'),
    forgetTombstones: prepare<[number]>('DELETE FROM folder_tombstones WHERE mailbox = ?'),
    dropSyncStates: prepare<[number, number]>(
      `DELETE FROM sync_states WHERE collection = ? AND partnership IN
       (SELECT p.id FROM partnerships p JOIN users u ON u.id = p.user WHERE u.mailbox = ?)`,
    ),
  };
}
