// The SQL of ranges of a folder's items. Each statement follows one index from its first row on and stops at its limit, so that
// it costs what it gives. A position is (date, id): one statement serves the ids at the cursor's own date, another the dates
// beyond, since SQLite would not seek to both at once.
//
// Mail has one date, so that `filter_date = sort_date` and one index both orders and filters. Items whose dates differ (`apart`:
// appointments, tasks) are walked in sort order and filtered within the index.
import type Database from 'better-sqlite3';
import { type ItemRow, itemColumns, type TombstoneRow, tombstoneColumns } from './item-rows.ts';
import { preparing, type Statement } from './statement.ts';

const select = `SELECT ${itemColumns} FROM items i LEFT JOIN messages m ON m.id = i.message`;
const count = 'SELECT count(*) FROM items i';

const walk = {
  same: 'WHERE i.folder = @folder AND i.filter_date = i.sort_date AND i.sort_date >= @floor AND i.created <= @snapshot',
  apart:
    'WHERE i.folder = @folder AND i.filter_date <> i.sort_date AND i.filter_date >= @floor AND i.created <= @snapshot',
  tied: 'AND i.sort_date = @sortDate AND i.id < @id',
  beyond: 'AND i.sort_date < @sortDate',
  order: 'ORDER BY i.sort_date DESC, i.id DESC LIMIT @limit',
};
const fallen = {
  same: 'WHERE i.folder = @folder AND i.filter_date = i.sort_date',
  apart: 'WHERE i.folder = @folder AND i.filter_date <> i.sort_date',
};
function fallenFrom(dates: 'same' | 'apart', position: 'tied' | 'beyond'): string {
  const date = dates === 'same' ? 'i.sort_date' : 'i.filter_date';
  const from = position === 'tied' ? `${date} = @filterDate AND i.id > @id` : `${date} > @filterDate`;
  return `${select} ${fallen[dates]} AND ${from} AND ${date} < @to ORDER BY ${date}, i.id LIMIT @limit`;
}

/** Every statement of ranges, named as {@link prepareRangeStatements} names them; a test looks at the plan of each. */
export const rangeSql = {
  changed: `${select} WHERE i.folder = @folder AND i.changed > @after AND i.changed <= @reached AND i.created <= @createdUpTo
    ORDER BY i.changed LIMIT @limit`,
  created: `${select} WHERE i.folder = @folder AND i.created > @after AND i.filter_date >= @floor ORDER BY i.created LIMIT @limit`,
  countCreated: `${count} WHERE i.folder = @folder AND i.created > @after AND i.filter_date >= @floor`,
  deleted: `SELECT ${tombstoneColumns} FROM item_tombstones
    WHERE folder = @folder AND deleted > @after AND deleted <= @reached ORDER BY deleted LIMIT @limit`,
  newestTied: `${select} ${walk.same} ${walk.tied} ${walk.order}`,
  newestBeyond: `${select} ${walk.same} ${walk.beyond} ${walk.order}`,
  newestApartTied: `${select} ${walk.apart} ${walk.tied} ${walk.order}`,
  newestApartBeyond: `${select} ${walk.apart} ${walk.beyond} ${walk.order}`,
  countTied: `${count} ${walk.same} ${walk.tied}`,
  countBeyond: `${count} ${walk.same} ${walk.beyond}`,
  countApartTied: `${count} ${walk.apart} ${walk.tied}`,
  countApartBeyond: `${count} ${walk.apart} ${walk.beyond}`,
  fallenTied: fallenFrom('same', 'tied'),
  fallenBeyond: fallenFrom('same', 'beyond'),
  fallenApartTied: fallenFrom('apart', 'tied'),
  fallenApartBeyond: fallenFrom('apart', 'beyond'),
} as const;

/** Bound values by name; a statement takes those that it names. */
export type RangeBinding = Readonly<Record<string, number>>;

/** Rows at the cursor's own date, and beyond it. */
export interface Walk {
  readonly tied: Statement<[RangeBinding], ItemRow>;
  readonly beyond: Statement<[RangeBinding], ItemRow>;
}

/** Prepares every statement of ranges, once a connection. @internal (its types have no public name) */
export function prepareRangeStatements(connection: Database.Database) {
  const prepare = preparing(connection);
  const rows = (sql: string) => prepare<[RangeBinding], ItemRow>(sql).raw();
  const number = (sql: string) => prepare<[RangeBinding], number>(sql).pluck();
  return {
    changed: rows(rangeSql.changed),
    created: rows(rangeSql.created),
    countCreated: number(rangeSql.countCreated),
    deleted: prepare<[RangeBinding], TombstoneRow>(rangeSql.deleted),
    newest: { tied: rows(rangeSql.newestTied), beyond: rows(rangeSql.newestBeyond) },
    newestApart: { tied: rows(rangeSql.newestApartTied), beyond: rows(rangeSql.newestApartBeyond) },
    fallen: { tied: rows(rangeSql.fallenTied), beyond: rows(rangeSql.fallenBeyond) },
    fallenApart: { tied: rows(rangeSql.fallenApartTied), beyond: rows(rangeSql.fallenApartBeyond) },
    countsTied: [number(rangeSql.countTied), number(rangeSql.countApartTied)],
    countsBeyond: [number(rangeSql.countBeyond), number(rangeSql.countApartBeyond)],
  };
}
