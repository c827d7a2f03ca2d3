// What a store throws when something is wrong that its outcomes do not cover.

export type StoreErrorKind =
  /** The database was written by a newer version of the server. */
  | 'newer-database'
  /** The file is a database, but none of ours. */
  | 'foreign-database'
  /** A sync to disk failed: what was committed since may be lost, so nothing may be acknowledged any more. Restart. */
  | 'not-durable'
  /** The mailbox, folder or partnership that the call names is gone (removed while the caller was at work): ask again who and where. */
  | 'gone'
  | 'closed';

/** Thrown by every engine; `kind` says what a caller can do about it. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
