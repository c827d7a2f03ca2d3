// What a storage engine brings to the contract suite, and small things that every contract needs.
import type { DerivedMessage } from '../../src/mime/message.ts';
import type { FolderId, ItemId, MailboxId, PartnershipId, UserId } from '../../src/protocol/ids.ts';
import type { ItemWrite, NewMessage } from '../../src/store/mailbox-store.ts';
import { openStore, type StoreOptions } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';

/** One database of an engine, empty at first. */
export interface Database {
  /** Opens it; again after a close, it is the same. Everything of it is plain data, so that another process can open it as well. */
  readonly options: StoreOptions;
  remove(): Promise<void>;
}

export interface Engine {
  readonly name: string;
  create(): Promise<Database>;
}

export interface Office {
  readonly user: UserId;
  readonly mailbox: MailboxId;
  readonly phone: PartnershipId;
  readonly tablet: PartnershipId;
  readonly inbox: FolderId;
  readonly sent: FolderId;
  readonly deleted: FolderId;
}

/** A user with a mailbox and two devices. */
export async function office(store: Store, name: string): Promise<Office> {
  await store.directory.putDomain('example.org');
  const put = await store.directory.putUser(name, 'example.org', {});
  if (!('user' in put)) throw new Error(put.kind);
  const { id: user, mailboxId: mailbox } = put.user;
  const device = async (deviceId: string) => {
    const found = await store.devices.findOrCreate(user, { deviceId, deviceType: 'Test', userAgent: '' }, 10);
    if (found === undefined) throw new Error('no partnership');
    return found.id;
  };
  const folder = async (type: number) => {
    const found = await store.mailboxes.folderOfType(mailbox, type);
    if (found === undefined) throw new Error('no folder');
    return found.id;
  };
  return {
    user,
    mailbox,
    phone: await device('phone'),
    tablet: await device('tablet'),
    inbox: await folder(2),
    sent: await folder(5),
    deleted: await folder(4),
  };
}

export function message(octets: Buffer | string, bodies: NewMessage['bodies'] = { plain: '' }): NewMessage {
  return { octets: Buffer.from(octets), derived: derived('a subject'), bodies };
}

export function derived(subject: string): DerivedMessage {
  return {
    subject,
    threadTopic: subject,
    from: 'Zoë <zoe@example.net>',
    sender: '',
    to: '',
    cc: '',
    bcc: '',
    replyTo: '',
    displayTo: '',
    fromAddresses: ['zoe@example.net'],
    messageId: '<1@example.net>',
    inReplyTo: '',
    references: [],
    importance: 1,
    messageClass: 'IPM.Note',
    smime: 'none',
    internetCpid: '65001',
    nativeBodyType: 1,
    plainSize: 0,
    htmlSize: 0,
    preview: '',
    attachments: [],
    readReceiptRequested: false,
  };
}

type Create = Extract<ItemWrite, { kind: 'create' }>;

/** A mail of a date, without a message. */
export function mail(folderId: FolderId, date: number, more: Partial<Create> = {}): Create {
  return { kind: 'create', folderId, contentClass: 'Email', properties: {}, sortDate: date, filterDate: date, ...more };
}

/** Writes outside of any sync state and gives the ids; fails when one was gone or the unit stale. */
export async function written(
  store: Store,
  mailbox: MailboxId,
  writes: readonly ItemWrite[],
  by: PartnershipId | 0 = 0,
): Promise<ItemId[]> {
  const outcome = await store.mailboxes.write(mailbox, writes, by);
  if (outcome.kind === 'stale') throw new Error('stale');
  return outcome.results.map((result) => {
    if (result.kind === 'gone') throw new Error('gone');
    return result.itemId;
  });
}

/** The one id that {@link written} gives. */
export async function writtenOne(
  store: Store,
  mailbox: MailboxId,
  write: ItemWrite,
  by: PartnershipId | 0 = 0,
): Promise<ItemId> {
  return (await written(store, mailbox, [write], by))[0]!;
}

/** The item, which must be there. */
export async function itemOf(store: Store, mailbox: MailboxId, id: ItemId) {
  const item = await store.mailboxes.item(mailbox, id);
  if (item === undefined) throw new Error(`no item ${id}`);
  return item;
}

/** Declares a contract: `it`s that share a fresh store for each test. */
export function contract(
  title: string,
  tests: (context: { readonly store: Store; reopen(): Promise<Store>; readonly options: StoreOptions }) => void,
): (engine: Engine) => void {
  return (engine) => {
    describe(`${engine.name}: ${title}`, () => {
      let database: Database;
      let store: Store;
      beforeEach(async () => {
        database = await engine.create();
        store = await openStore(database.options);
      });
      afterEach(async () => {
        await store.close();
        await database.remove();
      });
      tests({
        get store() {
          return store;
        },
        get options() {
          return database.options;
        },
        async reopen() {
          await store.close();
          store = await openStore(database.options);
          return store;
        },
      });
    });
  };
}
