// What a place that mail is imported from gives: messages one by one, with what it knows of them, and what could not be read.

/** What the place says of a message besides its octets. */
export interface MessageState {
  readonly read: boolean;
  readonly flagged: boolean;
  readonly replied: boolean;
  readonly forwarded: boolean;
  readonly draft: boolean;
  /** Marked for deletion. */
  readonly trashed: boolean;
}

export const untouched: MessageState = {
  read: false,
  flagged: false,
  replied: false,
  forwarded: false,
  draft: false,
  trashed: false,
};

export type SourceEntry =
  | {
      readonly kind: 'message';
      /** Where it is, for people: a file, or a file and the octet where it begins. */
      readonly origin: string;
      /** Names of folders from the top of the place; empty for the top itself. */
      readonly folder: readonly string[];
      readonly octets: Buffer;
      readonly state: MessageState;
      /** When it was received as far as the place knows; milliseconds since 1970. */
      readonly received?: number;
      /** What to believe when the message itself says nothing either. */
      readonly fallbackDate: number;
    }
  | { readonly kind: 'unreadable'; readonly origin: string; readonly reason: string }
  /** A folder that may hold nothing. */
  | { readonly kind: 'folder'; readonly folder: readonly string[] };

/** Octets of one message; larger ones are reported as unreadable. */
export const maximumImportedMessage = 100 * 1024 * 1024;

/** What went wrong with a file, for people. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
