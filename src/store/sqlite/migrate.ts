// Brings a database to the newest schema, one transaction a migration.
import type Database from 'better-sqlite3';
import { StoreError } from '../store-error.ts';
import { migrations } from './migrations/index.ts';

/** Applies the migrations that `connection` lacks. Throws StoreError 'newer-database' or 'foreign-database' and changes nothing then. */
export function migrate(connection: Database.Database, steps: readonly string[] = migrations): void {
  // Immediate, so that two processes that start at once do not both apply one.
  const step = connection.transaction(() => {
    const version = versionOf(connection);
    if (version > steps.length) {
      throw new StoreError(
        'newer-database',
        `The database has schema version ${version}; this server knows up to ${steps.length}. Use a newer server.`,
      );
    }
    const sql = steps[version];
    if (sql === undefined) return false;
    connection.exec(sql);
    connection.prepare('INSERT INTO schema_version VALUES (?, ?)').run(version + 1, Date.now());
    return true;
  });
  while (step.immediate());
}

function versionOf(connection: Database.Database): number {
  const tables = connection.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  if (!tables.includes('schema_version')) {
    if (tables.length > 0) throw new StoreError('foreign-database', 'The file is a database of another program.');
    connection.exec(
      'CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL /* milliseconds since 1970 */) STRICT',
    );
  }
  return connection.prepare<[], number>('SELECT coalesce(max(version), 0) FROM schema_version').pluck().get() ?? 0;
}
