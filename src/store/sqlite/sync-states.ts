// What the sync engine keeps of each partnership's collections: two generations, replaced together with the changes they answer.
import type { PartnershipId } from '../../protocol/ids.ts';
import type { SyncCollection, SyncGenerations, SyncState } from '../mailbox-store.ts';
import type { SqliteDatabase } from './database.ts';

interface Row {
  readonly current_key: number | null;
  readonly current_data: string | null;
  readonly previous_key: number | null;
  readonly previous_data: string | null;
}

export class SyncStates {
  readonly #read;
  readonly #currentKey;
  readonly #insert;
  readonly #update;
  readonly #remove;
  readonly #removeAll;
  readonly #partnership;

  constructor({ connection }: SqliteDatabase) {
    const where = 'WHERE partnership = ? AND collection = ?';
    this.#read = connection.prepare<[number, number], Row>(
      `SELECT current_key, current_data, previous_key, previous_data FROM sync_states ${where}`,
    );
    this.#currentKey = connection
      .prepare<[number, number], number | null>(`SELECT current_key FROM sync_states ${where}`)
      .pluck();
    this.#insert = connection.prepare<[number, number, ...Values]>('INSERT INTO sync_states VALUES (?, ?, ?, ?, ?, ?)');
    this.#update = connection.prepare<[...Values, number, number]>(
      `UPDATE sync_states SET current_key = ?, current_data = ?, previous_key = ?, previous_data = ? ${where}`,
    );
    this.#remove = connection.prepare<[number, number]>(`DELETE FROM sync_states ${where}`);
    this.#removeAll = connection.prepare<[number]>('DELETE FROM sync_states WHERE partnership = ?');
    this.#partnership = connection.prepare<[number], number>('SELECT 1 FROM partnerships WHERE id = ?').pluck();
  }

  read(partnership: PartnershipId, collection: SyncCollection): SyncGenerations {
    const row = this.#read.get(partnership, collection);
    if (row === undefined) return {};
    const current = stateOf(row.current_key, row.current_data);
    const previous = stateOf(row.previous_key, row.previous_data);
    return { ...(current && { current }), ...(previous && { previous }) };
  }

  /** The key of the current generation; undefined when there is none. `kept`: there is a row, even if only of a previous one. */
  currentKey(partnership: PartnershipId, collection: SyncCollection): { key: number | undefined; kept: boolean } {
    const key = this.#currentKey.get(partnership, collection);
    return { key: key ?? undefined, kept: key !== undefined };
  }

  hasPartnership(partnership: PartnershipId): boolean {
    return this.#partnership.get(partnership) !== undefined;
  }

  /** Within a unit. `kept` as {@link currentKey} gave it. */
  replace(
    partnership: PartnershipId,
    collection: SyncCollection,
    { current, previous }: SyncGenerations,
    kept: boolean,
  ): void {
    if (current === undefined && previous === undefined) {
      if (kept) this.#remove.run(partnership, collection);
      return;
    }
    const values: Values = [current?.key ?? null, current?.data ?? null, previous?.key ?? null, previous?.data ?? null];
    if (kept) this.#update.run(...values, partnership, collection);
    else this.#insert.run(partnership, collection, ...values);
  }

  /** Within a unit: forgets all of a partnership. */
  removeAll(partnership: PartnershipId): void {
    this.#removeAll.run(partnership);
  }
}

type Values = [number | null, string | null, number | null, string | null];

function stateOf(key: number | null, data: string | null): SyncState | undefined {
  return key === null || data === null ? undefined : { key, data };
}
