// Stored messages: octets once and unchanged, what was derived from them apart, bodies apart; counted by their users.
import { createHash, webcrypto } from 'node:crypto';
import type { NewMessage, StoredMessage } from '../mailbox-store.ts';
import type { SqliteDatabase } from './database.ts';

/** Octets are kept in pieces of this size. */
export const pieceSize = 256 * 1024;
const maximumPieces = 65_536;
/** Larger messages are hashed on another thread. */
const largeOctets = 512 * 1024;

/** A message ready to be stored within a unit. */
export interface PreparedMessage {
  readonly sha256: string;
  readonly derived: string;
  readonly message: NewMessage;
}

/** What a unit needs of a message and should not compute itself. */
export async function prepareMessage(message: NewMessage): Promise<PreparedMessage> {
  const { octets } = message;
  const sha256 =
    octets.length < largeOctets
      ? createHash('sha256').update(octets).digest('hex')
      : Buffer.from(await webcrypto.subtle.digest('SHA-256', octets)).toString('hex');
  return { sha256, derived: JSON.stringify(message.derived), message };
}

/** A message's row as the reading statements give it. */
export function storedMessage(sha256: string, size: number, derived: string): StoredMessage {
  return { sha256, size, derived: JSON.parse(derived) };
}

export class Messages {
  readonly #insert;
  readonly #insertBodies;
  readonly #insertPiece;
  readonly #use;
  readonly #release;
  readonly #remove;
  readonly #pieces;

  constructor({ connection }: SqliteDatabase) {
    this.#insert = connection.prepare<[number, string, number, string]>(
      'INSERT INTO messages (uses, sha256, size, derived) VALUES (?, ?, ?, ?)',
    );
    this.#insertBodies = connection.prepare<[number, string, string | null]>(
      'INSERT INTO message_bodies VALUES (?, ?, ?)',
    );
    this.#insertPiece = connection.prepare<[number, Buffer]>('INSERT INTO message_octets VALUES (?, ?)');
    this.#use = connection.prepare<[number, number]>('UPDATE messages SET uses = uses + ? WHERE id = ?');
    this.#release = connection
      .prepare<[number], number>('UPDATE messages SET uses = uses - 1 WHERE id = ? RETURNING uses')
      .pluck();
    this.#remove = [
      connection.prepare<[{ id: number }]>('DELETE FROM messages WHERE id = :id'),
      connection.prepare<[{ id: number }]>('DELETE FROM message_bodies WHERE message = :id'),
      connection.prepare<[{ id: number }]>(
        `DELETE FROM message_octets WHERE piece >= :id * ${maximumPieces} AND piece < (:id + 1) * ${maximumPieces}`,
      ),
    ];
    this.#pieces = connection
      .prepare<[number, number], Buffer>('SELECT octets FROM message_octets WHERE piece BETWEEN ? AND ? ORDER BY piece')
      .pluck();
  }

  /** Within a unit: stores it for `uses` users and gives its row's id. */
  add({ sha256, derived, message }: PreparedMessage, uses: number): number {
    const { octets, bodies } = message;
    const id = Number(this.#insert.run(uses, sha256, octets.length, derived).lastInsertRowid);
    this.#insertBodies.run(id, bodies.plain, bodies.html ?? null);
    for (let start = 0, piece = id * maximumPieces; start < octets.length; start += pieceSize, piece++) {
      this.#insertPiece.run(piece, octets.subarray(start, start + pieceSize));
    }
    return id;
  }

  /** Within a unit: one more user. */
  use(id: number): void {
    this.#use.run(1, id);
  }

  /** Within a unit: one user less; the message goes with the last. */
  release(id: number): void {
    if (this.#release.get(id) === 0) for (const statement of this.#remove) statement.run({ id });
  }

  /** The octets from `start` to `end`, both within the message. Pieces that hold none of them are not read. */
  octets(id: number, start: number, end: number): Buffer {
    if (end <= start) return Buffer.alloc(0);
    const first = Math.floor(start / pieceSize);
    const last = Math.floor((end - 1) / pieceSize);
    const pieces = this.#pieces.all(id * maximumPieces + first, id * maximumPieces + last);
    const offset = start - first * pieceSize;
    const whole = pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
    return whole.subarray(offset, offset + end - start);
  }
}
