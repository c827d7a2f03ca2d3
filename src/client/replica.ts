// What a device holds of one folder, kept from Sync answers alone (MS-ASCMD section 2.2.1.21, Sync).
import { MalformedAnswerError } from './errors.ts';
import { type Properties, readProperties } from './properties.ts';
import type { CommandReply, ServerCommand, SyncCollectionAnswer } from './sync-answer.ts';
import type { SyncCommand } from './sync-request.ts';

/** The server said something that a device cannot bring together with what it holds: an Add of a known item, a Change of an unknown one, … */
export class ReplicaError extends Error {
  override name = 'ReplicaError';
}

/** What one answer did to a replica. */
export interface Absorbed {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  /** Deleted and soft-deleted. */
  readonly removed: readonly string[];
  readonly replies: readonly CommandReply[];
  readonly moreAvailable: boolean;
}

const success = 1;
const notFound = 8;

/** Items of one folder by ServerId, and the key that stands for them. */
export class Replica {
  readonly collectionId: string;
  readonly items = new Map<string, Properties>();
  syncKey = '0';
  /** Items that the device deleted and the server knew no more: its own word of that deletion may still come. */
  readonly #crossed = new Set<string>();
  readonly #strict: boolean;

  /** A replica that is not strict takes what does not fit as well as it can, as phones do. */
  constructor(collectionId: string, strict = true) {
    this.collectionId = collectionId;
    this.#strict = strict;
  }

  /** Forgets everything, as a device does when its key was refused. */
  reset(): void {
    this.items.clear();
    this.#crossed.clear();
    this.syncKey = '0';
  }

  #complain(reason: string): void {
    if (this.#strict) throw new ReplicaError(`folder ${this.collectionId}, key ${this.syncKey}: ${reason}`);
  }

  /**
   * Takes over what the answer to `sent` says. The answer's status must be success. Throws {@link ReplicaError} when strict and the answer does
   * not fit; the replica may be half changed then.
   */
  absorb(answer: SyncCollectionAnswer, sent: readonly SyncCommand[]): Absorbed {
    if (answer.syncKey === undefined || answer.syncKey === '0' || answer.syncKey === '') {
      throw new MalformedAnswerError(`a collection answered with the key ${answer.syncKey}`);
    }
    if (answer.moreAvailable && answer.syncKey === this.syncKey) this.#complain('MoreAvailable under an unchanged key');
    if (this.syncKey === '0' && answer.commands.length > 0) this.#complain('items in the answer to key 0');
    this.#absorbOwn(answer.replies, sent);
    const goneHere = new Set(sent.flatMap((command) => ('serverId' in command ? [command.serverId] : [])));
    const heard = new Set<string>();
    for (const command of answer.commands) {
      if (heard.has(command.serverId)) this.#complain(`${command.serverId} named twice in one answer`);
      heard.add(command.serverId);
      this.#apply(command, goneHere);
    }
    this.syncKey = answer.syncKey;
    const named = (...kinds: readonly string[]) =>
      answer.commands.filter(({ kind }) => kinds.includes(kind)).map(({ serverId }) => serverId);
    return {
      added: named('Add'),
      changed: named('Change'),
      removed: named('Delete', 'SoftDelete'),
      replies: answer.replies,
      moreAvailable: answer.moreAvailable,
    };
  }

  /** What the device did itself stands unless a reply says otherwise. */
  #absorbOwn(replies: readonly CommandReply[], sent: readonly SyncCommand[]): void {
    for (const command of sent) {
      const reply = replies.find(
        ({ kind, clientId, serverId }) =>
          kind === command.kind &&
          (command.kind === 'Add' ? clientId === command.clientId : serverId === command.serverId),
      );
      const status = reply?.status ?? success;
      if (command.kind === 'Add') {
        if (reply === undefined) this.#complain(`no reply to the Add ${command.clientId}`);
        else if (status === success) this.#put(reply.serverId ?? '', readProperties(command.data));
      } else if (command.kind === 'Change' && status === success) {
        const before = this.items.get(command.serverId);
        if (before !== undefined) this.items.set(command.serverId, { ...before, ...readProperties(command.data) });
      } else if (command.kind === 'Delete' && (status === success || status === notFound)) {
        this.items.delete(command.serverId);
        if (status === notFound) this.#crossed.add(command.serverId);
      }
    }
    for (const { kind, clientId, serverId } of replies) {
      const known = sent.some((command) =>
        command.kind === 'Add' ? command.clientId === clientId : command.serverId === serverId && command.kind === kind,
      );
      if (!known) this.#complain(`a reply to ${kind} ${serverId ?? clientId}, which was not sent`);
    }
  }

  #put(serverId: string, properties: Properties): void {
    if (serverId === '') this.#complain('an Add without a ServerId');
    if (this.items.has(serverId)) this.#complain(`Add of ${serverId}, which is known`);
    this.items.set(serverId, properties);
  }

  /** `goneHere`: items that the request named, which may be gone at both ends. */
  #apply(command: ServerCommand, goneHere: ReadonlySet<string>): void {
    const before = this.items.get(command.serverId);
    if (command.kind === 'Add') {
      this.#put(command.serverId, command.properties);
    } else if (before === undefined) {
      const crossed =
        command.kind === 'Delete' && (goneHere.has(command.serverId) || this.#crossed.delete(command.serverId));
      if (!crossed) this.#complain(`${command.kind} of ${command.serverId}, which is unknown`);
    } else if (command.kind === 'Change') {
      this.items.set(command.serverId, { ...before, ...command.properties });
    } else {
      this.items.delete(command.serverId);
    }
  }
}
