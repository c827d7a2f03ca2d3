// Rows that nearly every request reads and hardly any changes (users, folders, partnerships), kept in memory.
import type { SqliteDatabase } from './database.ts';

/** Rows kept at most; beyond it all are forgotten, which costs reading them again. */
const maximumRows = 20_000;

/**
 * Gives the same object until the row is forgotten: do not change it. Whoever writes such rows forgets them within the same unit; what another process
 * writes is noticed by SQLite's data_version, in the next turn of the event loop at the latest. Within a transaction nothing is taken from here or put here, so that one rolled back leaves no trace.
 */
export class RowCache<Value> {
  readonly #database: Pick<SqliteDatabase, 'connection' | 'dataVersion'>;
  readonly #rows = new Map<string, Value>();
  #version = -1;

  constructor(database: Pick<SqliteDatabase, 'connection' | 'dataVersion'>) {
    this.#database = database;
  }

  /** The row kept under `key`, else what `load` reads. That there is none is not kept. */
  get(key: string, load: () => Value | undefined): Value | undefined {
    if (this.#database.connection.inTransaction) return load();
    const version = this.#database.dataVersion();
    if (version !== this.#version || this.#rows.size >= maximumRows) this.clear();
    this.#version = version;
    const kept = this.#rows.get(key);
    if (kept !== undefined) return kept;
    const value = load();
    if (value !== undefined) this.#rows.set(key, value);
    return value;
  }

  forget(key: string): void {
    this.#rows.delete(key);
  }

  clear(): void {
    this.#rows.clear();
  }
}
