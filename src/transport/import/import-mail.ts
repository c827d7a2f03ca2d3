// Imports mail into a user's mailbox, octets as they are, with flags, folders and dates. What is there already is left alone, so that an
// import that was interrupted is simply run again.
import { createHash } from 'node:crypto';
import type { EmailProperties } from '../../content/email-properties.ts';
import { newEmailProperties } from '../../content/email-properties.ts';
import { readDate } from '../../mime/date.ts';
import { derive } from '../../mime/derive.ts';
import type { DerivedMessage } from '../../mime/message.ts';
import type { FolderId } from '../../protocol/ids.ts';
import type { User } from '../../store/directory-store.ts';
import type { BackfillCursor, ItemWrite } from '../../store/mailbox-store.ts';
import { ContentClass } from '../../store/mailbox-store.ts';
import type { Store } from '../../store/store.ts';
import { fieldValues, outerHeader } from '../raw-header.ts';
import { findMail } from './find-mail.ts';
import type { MessageState, SourceEntry } from './source.ts';
import { reasonOf } from './source.ts';
import { TargetFolders } from './target-folders.ts';

export interface MailImport {
  readonly store: Store;
  readonly user: User;
  /** An .eml file, an mbox file, a Maildir, or a directory of these. */
  readonly path: string;
  /** Folder for what lies at the top of the path, `/` between names; the Inbox when absent. */
  readonly folder?: string;
  /** Takes everything for read. */
  readonly markRead?: boolean;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Stops after the batch under way; what was imported stays. */
  readonly signal?: AbortSignal;
  /** Milliseconds since 1970; the clock unless given. */
  readonly now?: () => number;
}

export interface ImportProgress {
  readonly imported: number;
  /** Already there, octet by octet, in the same folder. */
  readonly present: number;
  readonly unreadable: number;
  readonly octets: number;
  readonly current: string;
}

export interface ImportReport {
  readonly imported: number;
  readonly present: number;
  readonly octets: number;
  /** What could not be read or stored, and why; the first 10,000. */
  readonly unreadable: readonly { readonly origin: string; readonly reason: string }[];
  readonly unreadableCount: number;
  /** False when the signal stopped it. */
  readonly complete: boolean;
}

const batchMessages = 200;
const batchOctets = 16 * 1024 * 1024;
const maximumListed = 10_000;
const day = 86_400_000;

type MessageEntry = Extract<SourceEntry, { kind: 'message' }>;

/** When it was received: what the place says, else the last server's Received, else Date, else the file's time. */
function receivedTime(entry: MessageEntry, derived: DerivedMessage, now: number): number {
  const [lastHop] = fieldValues(outerHeader(entry.octets), 'received');
  const hop = lastHop === undefined ? undefined : readDate(lastHop.slice(lastHop.lastIndexOf(';') + 1));
  const candidates = [entry.received, hop, derived.date, entry.fallbackDate];
  const plausible = candidates.find((time) => time !== undefined && time > 0 && time <= now + day);
  return Math.floor(plausible ?? now);
}

function propertiesOf(
  state: MessageState,
  derived: DerivedMessage,
  received: number,
  markRead: boolean,
): EmailProperties {
  const read = markRead || state.read;
  const properties = newEmailProperties(derived, { read, flagged: state.flagged, isDraft: state.draft });
  const lastVerb = state.replied ? 1 : state.forwarded ? 3 : undefined;
  return lastVerb === undefined ? properties : { ...properties, lastVerb, lastVerbTime: received };
}

class Importer {
  readonly #given: MailImport;
  readonly #now: () => number;
  readonly #folders: TargetFolders;
  /** SHA-256 of what each folder holds. */
  readonly #held = new Map<FolderId, Set<string>>();
  readonly #unreadable: { origin: string; reason: string }[] = [];
  #batch: ItemWrite[] = [];
  #batchSize = 0;
  #imported = 0;
  #present = 0;
  #octets = 0;
  #unreadableCount = 0;

  constructor(given: MailImport) {
    this.#given = given;
    this.#now = given.now ?? Date.now;
    this.#folders = new TargetFolders(given.store, given.user.mailboxId);
  }

  async run(): Promise<ImportReport> {
    const { path, signal, store } = this.#given;
    let complete = true;
    for await (const entry of findMail(path)) {
      if (signal?.aborted) {
        complete = false;
        break;
      }
      await this.#take(entry);
    }
    await this.#flush(path);
    await store.durable();
    return {
      imported: this.#imported,
      present: this.#present,
      octets: this.#octets,
      unreadable: this.#unreadable,
      unreadableCount: this.#unreadableCount,
      complete,
    };
  }

  async #take(entry: SourceEntry): Promise<void> {
    if (entry.kind === 'unreadable') {
      this.#refuse(entry.origin, entry.reason);
      return;
    }
    try {
      if (entry.kind === 'folder') await this.#folders.at(this.#path(entry.folder));
      else await this.#add(entry);
    } catch (error) {
      this.#refuse(entry.kind === 'folder' ? entry.folder.join('/') : entry.origin, reasonOf(error));
    }
    if (this.#batch.length >= batchMessages || this.#batchSize >= batchOctets) {
      await this.#flush(entry.kind === 'message' ? entry.origin : '');
    }
  }

  #refuse(origin: string, reason: string): void {
    this.#unreadableCount++;
    if (this.#unreadable.length < maximumListed) this.#unreadable.push({ origin, reason });
  }

  #path(folder: readonly string[]): readonly string[] {
    const top = (this.#given.folder ?? '').split('/').filter((name) => name.trim() !== '');
    return [...top, ...folder];
  }

  async #add(entry: MessageEntry): Promise<void> {
    if (entry.octets.length === 0) throw new Error('empty');
    const folderId = entry.state.trashed
      ? await this.#folders.ofType(4)
      : await this.#folders.at(this.#path(entry.folder));
    const held = await this.#heldBy(folderId);
    const sha256 = createHash('sha256').update(entry.octets).digest('hex');
    if (held.has(sha256)) {
      this.#present++;
      return;
    }
    const { message: derived, bodies } = derive(entry.octets);
    const received = receivedTime(entry, derived, this.#now());
    held.add(sha256);
    this.#batch.push({
      kind: 'create',
      folderId,
      contentClass: ContentClass.Email,
      properties: propertiesOf(entry.state, derived, received, this.#given.markRead ?? false),
      sortDate: received,
      filterDate: received,
      message: { octets: entry.octets, derived, bodies },
    });
    this.#batchSize += entry.octets.length;
  }

  async #heldBy(folder: FolderId): Promise<Set<string>> {
    const known = this.#held.get(folder);
    if (known !== undefined) return known;
    const { mailboxes } = this.#given.store;
    const mailbox = this.#given.user.mailboxId;
    const snapshot = await mailboxes.counter(mailbox);
    const held = new Set<string>();
    let cursor: BackfillCursor | undefined;
    do {
      const range = { snapshot, cursor, floor: Number.MIN_SAFE_INTEGER, limit: batchMessages };
      const items = await mailboxes.backfill(mailbox, folder, range);
      for (const item of items) if (item.message !== undefined) held.add(item.message.sha256);
      const last = items.length < batchMessages ? undefined : items.at(-1);
      cursor = last === undefined ? undefined : { sortDate: last.sortDate, id: last.id };
    } while (cursor !== undefined);
    this.#held.set(folder, held);
    return held;
  }

  async #flush(current: string): Promise<void> {
    const writes = this.#batch;
    if (writes.length > 0) {
      const outcome = await this.#given.store.mailboxes.write(this.#given.user.mailboxId, writes, 0);
      if (outcome.kind !== 'done') throw new Error('a batch of new messages was refused as stale');
      this.#imported += writes.length;
      this.#octets += this.#batchSize;
    }
    this.#batch = [];
    this.#batchSize = 0;
    this.#given.onProgress?.({
      imported: this.#imported,
      present: this.#present,
      unreadable: this.#unreadableCount,
      octets: this.#octets,
      current,
    });
  }
}

/**
 * Imports all mail at a path. The report is durable when it is given.
 * @throws when there is nothing at the path, or the store fails.
 */
export function importMail(given: MailImport): Promise<ImportReport> {
  return new Importer(given).run();
}
