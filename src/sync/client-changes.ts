// Commands of a device on the items of a collection: what is to be written, and what the device is told (MS-ASCMD section 2.2.3.32, Commands).
import { createHash } from 'node:crypto';
import type { Element } from '../../wbxml/index.ts';
import { changeEmail } from '../content/email.ts';
import { changedProperties, type EmailProperties } from '../content/email-properties.ts';
import { type FolderId, type ItemId, type MailboxId, type PartnershipId, parseServerId } from '../protocol/ids.ts';
import type { ProtocolVersion } from '../protocol/version.ts';
import { ContentClass, type Folder, type Item, type ItemWrite, type MailboxStore } from '../store/mailbox-store.ts';
import { type AppliedCommand, type CommandOutcome, itemsOf } from './collection-state.ts';
import { holds, type Position } from './position.ts';

/** A command as the device sent it; `data` is its ApplicationData element. */
export type ClientCommand =
  | { readonly kind: 'Add'; readonly clientId: string; readonly data: Element }
  | { readonly kind: 'Change'; readonly serverId: string; readonly data: Element }
  | { readonly kind: 'Delete'; readonly serverId: string };

/** Status of one command (MS-ASCMD section 2.2.3.177.17, Status (Sync)). */
export const ItemStatus = { Success: 1, InvalidItem: 6, Conflict: 7, NotFound: 8 } as const;

export interface ChangeScope {
  readonly mailbox: MailboxId;
  readonly folder: Folder;
  readonly partnership: PartnershipId;
  readonly version: ProtocolVersion;
  readonly position: Position;
  /** 0 the client's object is kept in a conflict, 1 the server's. */
  readonly conflict: number;
  /** Where deleted items go; undefined when they are deleted for good. */
  readonly deletedItems: FolderId | undefined;
  /** Commands that were applied before and whose answer was lost. */
  readonly recognised: readonly AppliedCommand[];
  /** Items that commands changed whose answer was lost and that were not repeated in a later request either. */
  readonly unanswered: readonly ItemId[];
}

/** What a request's commands come to. */
export interface ClientChanges {
  readonly writes: readonly ItemWrite[];
  /** In the order of the commands. */
  readonly applied: readonly AppliedCommand[];
  /** Items that are as the device has them once the writes are done. */
  readonly settled: ReadonlySet<ItemId>;
  /** Those of them that are deleted or moved away. */
  readonly gone: ReadonlySet<ItemId>;
  /** Commands whose answers were lost and that the device does not repeat. */
  readonly notRepeated: readonly AppliedCommand[];
  /** All items that the device changed without knowing it. */
  readonly unanswered: readonly ItemId[];
}

/** The same for the same command sent again: its ClientId for an Add, its content otherwise. */
function markOf(command: ClientCommand): string {
  if (command.kind === 'Add') return `Add ${command.clientId}`;
  const plain = (element: Element): unknown => {
    const { content } = element;
    if (Array.isArray(content)) return [element.tag.id, content.map(plain)];
    return [element.tag.id, Buffer.isBuffer(content) ? content.toString('base64') : content];
  };
  const content = command.kind === 'Change' ? plain(command.data) : undefined;
  return createHash('sha256')
    .update(JSON.stringify([command.kind, command.serverId, content]))
    .digest('base64');
}

type Update = Extract<ItemWrite, { kind: 'update' }>;

/** Works through the commands of one request, in their order. */
class Decisions {
  readonly updates = new Map<ItemId, Update>();
  readonly removals = new Map<ItemId, ItemWrite>();
  readonly settled = new Set<ItemId>();
  private readonly store: MailboxStore;
  private readonly scope: ChangeScope;
  private readonly unanswered: ReadonlySet<ItemId>;

  constructor(store: MailboxStore, scope: ChangeScope, unanswered: readonly ItemId[]) {
    this.store = store;
    this.scope = scope;
    this.unanswered = new Set(unanswered);
  }

  async decide(command: ClientCommand): Promise<CommandOutcome> {
    if (command.kind === 'Add') {
      // Mail is not added by Sync (MS-ASCMD R755); classes that cannot be stored yet are answered alike: the device stops sending the item.
      return { kind: 'Add', clientId: command.clientId, status: ItemStatus.InvalidItem };
    }
    const { kind, serverId } = command;
    const item = await this.find(serverId);
    if (item === undefined) return { kind, serverId, status: ItemStatus.NotFound };
    const status = kind === 'Change' ? this.change(item, command.data) : this.remove(item);
    return { kind, serverId, status };
  }

  private async find(serverId: string): Promise<Item | undefined> {
    const { mailbox, folder } = this.scope;
    const id = parseServerId(serverId);
    if (id === undefined || id.folder !== folder.id || this.removals.has(id.item)) return undefined;
    const item = await this.store.item(mailbox, id.item);
    return item?.folderId === folder.id ? item : undefined;
  }

  private change(item: Item, data: Element): number {
    if (item.contentClass !== ContentClass.Email) return ItemStatus.InvalidItem;
    const pending = this.updates.get(item.id);
    const before = (pending?.properties ?? item.properties) as EmailProperties;
    const outcome = changeEmail(before, data, item.message?.derived.messageClass ?? '', this.scope.version);
    if (outcome.kind === 'invalid') return ItemStatus.InvalidItem;
    const properties = changedProperties(item, outcome.properties);
    if (properties === undefined) {
      this.updates.delete(item.id);
      return ItemStatus.Success;
    }
    const conflicts = this.isAhead(item);
    if (conflicts && this.scope.conflict !== 0) return ItemStatus.Conflict;
    // The device lacks what else changed: by others in a conflict, by itself where the answer was lost.
    const lacksMore = conflicts || this.unanswered.has(item.id);
    this.updates.set(item.id, {
      kind: 'update',
      itemId: item.id,
      properties,
      expected: item.changed,
      ...(lacksMore ? { echo: true } : {}),
    });
    if (!lacksMore) this.settled.add(item.id);
    return ItemStatus.Success;
  }

  /** Whether somebody else changed the item since the device last heard of it. */
  private isAhead(item: Item): boolean {
    const { partnership, position } = this.scope;
    return item.changed > position.changes && item.changedBy !== partnership && holds(position, partnership, item);
  }

  /** A Delete wins over any change of the server (MS-ASCMD R2076). */
  private remove(item: Item): number {
    const { deletedItems } = this.scope;
    this.updates.delete(item.id);
    this.removals.set(
      item.id,
      deletedItems === undefined
        ? { kind: 'delete', itemId: item.id }
        : { kind: 'move', itemId: item.id, to: deletedItems },
    );
    this.settled.add(item.id);
    return ItemStatus.Success;
  }
}

/** Decides what a request's commands come to. Reads only; the writes are for one unit of work together with the new position. */
export async function clientChanges(
  store: MailboxStore,
  scope: ChangeScope,
  commands: readonly ClientCommand[],
): Promise<ClientChanges> {
  const marked = commands.map((command) => ({ mark: markOf(command), command }));
  const repeated = new Set(marked.map(({ mark }) => mark));
  const notRepeated = scope.recognised.filter(({ mark }) => !repeated.has(mark));
  const unanswered = [...scope.unanswered, ...itemsOf(notRepeated, ItemStatus.Success)];
  const decisions = new Decisions(store, scope, unanswered);
  const recognised = new Map(scope.recognised.map(({ mark, outcome }) => [mark, outcome]));
  const applied: AppliedCommand[] = [];
  for (const { mark, command } of marked) {
    const known = recognised.get(mark);
    applied.push({ mark, outcome: known ?? (await decisions.decide(command)) });
  }
  return {
    writes: [...decisions.updates.values(), ...decisions.removals.values()],
    applied,
    settled: decisions.settled,
    gone: new Set(decisions.removals.keys()),
    notRepeated,
    unanswered,
  };
}
