// Gives out ids of folders and items: unique in the whole database, never used again. They are taken in blocks, so that an
// item costs no write for its id; what is left of a block at the end of the process is never used.
import type Database from 'better-sqlite3';

const blockSize = 256;

export class Identifiers {
  readonly #take: (count: number) => number;
  #next = 0;
  #end = 0;

  constructor(connection: Database.Database) {
    const statement = connection
      .prepare<[number], number>('UPDATE identifiers SET next = next + ? RETURNING next')
      .pluck();
    this.#take = (count) => statement.get(count) as number;
  }

  /** Makes sure that `count` ids can be given out. Not within a transaction: a rollback would bring its ids into the world twice. */
  reserve(count: number): void {
    if (this.#end - this.#next >= count) return;
    const size = Math.max(blockSize, count);
    this.#end = this.#take(size);
    this.#next = this.#end - size;
  }

  /** The next id; it must have been reserved. */
  next(): number {
    if (this.#next === this.#end) throw new Error('no id was reserved');
    return this.#next++;
  }
}
