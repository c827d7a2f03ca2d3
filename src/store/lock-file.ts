// One server on one data directory: a lock of the operating system, gone with its process however that ends.
// SQLite's own file lock is used because Node has none; a file with a process id would outlive a kill -9 and mean another process then.
import Database, { SqliteError } from 'better-sqlite3';

/** Takes the lock; the function that is returned gives it back. Undefined when another process (or this one) has it. */
export function takeLockFile(file: string): (() => void) | undefined {
  const database = new Database(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
  return () => {
    database.close();
  };
}
