// A prepared statement, in a type that declarations can name (that of better-sqlite3's types is not exported).
import type Database from 'better-sqlite3';

/** Bound values in the order of the question marks, or one object for named ones. */
export interface Statement<Bound extends unknown[], Row = unknown> {
  run(...bound: Bound): { readonly changes: number; readonly lastInsertRowid: number | bigint };
  get(...bound: Bound): Row | undefined;
  all(...bound: Bound): Row[];
  /** Rows are the value of their first column. */
  pluck(): Statement<Bound, Row>;
  /** Rows are tuples. */
  raw(): Statement<Bound, Row>;
}

/** Prepares a statement; `Row` says what its rows are. */
export type Prepare = <Bound extends unknown[], Row = unknown>(sql: string) => Statement<Bound, Row>;

export function preparing(connection: Database.Database): Prepare {
  return <Bound extends unknown[], Row>(sql: string) => connection.prepare(sql) as unknown as Statement<Bound, Row>;
}
