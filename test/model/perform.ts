// Does the actions of a run to its world. What goes wrong is thrown.
import { leaf, node, type Phone, type Properties, type SyncCommand, textProperty } from '../../src/client/index.ts';
import { Email } from '../../wbxml/index.ts';
import type { Action, ItemAction } from './actions.ts';
import { messageOf } from './model-server.ts';
import { checkWorld } from './truth.ts';
import { ModelFailure, optionsFor, subjectOf, type World } from './world.ts';

type ActionOf<Kind extends Action['kind']> = Extract<Action, { readonly kind: Kind }>;
type Performers = { readonly [Kind in Action['kind']]: (world: World, action: ActionOf<Kind>) => Promise<void> };

const deletedItemsType = 4;
const userFolderType = 12;

function dataOf(kind: ItemAction['kind'], item: Properties, phone: Phone) {
  switch (kind) {
    case 'flag':
      return [node(Email.Flag, leaf(Email.Status, 2), leaf(Email.FlagType, 'Follow up'))];
    case 'unflag':
      return [node(Email.Flag)];
    case 'category': {
      if (Number(phone.client.version) < 14) return [leaf(Email.Read, true)];
      const choice = (textProperty(item, 'Email:Subject') ?? '').length % 3;
      return [node(Email.Categories, leaf(Email.Category, `Category ${choice}`))];
    }
    default:
      return [leaf(Email.Read, kind === 'read')];
  }
}

function commandsOf(world: World, phone: Phone, action: ActionOf<'sync'>): SyncCommand[] {
  const folder = world.folder(phone, action.folder);
  const { items } = phone.replica(folder.serverId);
  const commands = new Map<string, SyncCommand>();
  for (const { kind, item } of action.items) {
    const serverId = world.item(phone, folder, item);
    if (serverId === undefined || commands.has(serverId)) continue;
    const properties = items.get(serverId)!;
    if (kind === 'delete') {
      commands.set(serverId, { kind: 'Delete', serverId });
      if (!action.deletesAsMoves || folder.type === deletedItemsType) world.expendable.add(subjectOf(properties));
    } else {
      commands.set(serverId, { kind: 'Change', serverId, data: dataOf(kind, properties, phone) });
    }
  }
  return [...commands.values()];
}

async function sync(world: World, action: ActionOf<'sync'>): Promise<void> {
  const phone = await world.ready(action.device);
  const folder = world.folder(phone, action.folder);
  const first = phone.replica(folder.serverId).syncKey === '0';
  const request = phone.prepare(folder.serverId, first ? [] : commandsOf(world, phone, action), {
    options: { ...phone.syncOptions, conflict: action.conflict },
    deletesAsMoves: action.deletesAsMoves,
    ...(first ? {} : { windowSize: action.windowSize }),
  });
  await world.minding(phone, folder, async () => {
    const answer = await world.request(action, () => phone.client.sync({ collections: [request] }));
    if (answer !== undefined) phone.absorb(request, answer);
  });
}

async function move(world: World, action: ActionOf<'move'>): Promise<void> {
  const phone = await world.ready(action.device);
  const from = world.folder(phone, action.from);
  const to = world.folder(phone, action.to);
  // Such a phone knows of a move by its answer alone, and would keep what its filter, once it is told of it, leaves out.
  const { renamesMovedItems } = phone;
  if (renamesMovedItems)
    for (const folder of [from, to]) await world.minding(phone, folder, () => phone.sync(folder.serverId));
  const serverId = world.item(phone, from, action.item);
  if (from === to || serverId === undefined) return;
  const moves = [{ serverId, from: from.serverId, to: to.serverId }];
  const fate = renamesMovedItems ? 'answered' : action.fate;
  const replies = await world.request({ ...action, fate }, () => phone.client.moveItems(moves));
  if (replies !== undefined) phone.absorbMoves(from.serverId, to.serverId, replies);
}

async function createFolder(world: World, action: ActionOf<'create-folder'>): Promise<void> {
  const phone = await world.ready(action.device);
  const own = [...phone.folders.values()].filter(({ type }) => type === userFolderType);
  const parentId = own[action.parent % (own.length + 1)]?.serverId ?? '0';
  const folder = { parentId, displayName: world.nextSubject(), type: userFolderType };
  const answer = await world.request(action, () => phone.client.folderCreate(phone.folderSyncKey, folder));
  if (answer?.status === 1) phone.absorbNewFolder(folder, answer);
  else await phone.syncFolders();
}

/** Only folders that users made: the default ones may not be changed. */
function ownFolder(phone: Phone, index: number) {
  const own = [...phone.folders.values()].filter(({ type }) => type === userFolderType);
  return own[index % own.length];
}

async function renameFolder(world: World, action: ActionOf<'rename-folder'>): Promise<void> {
  const phone = await world.ready(action.device);
  const folder = ownFolder(phone, action.folder);
  if (folder === undefined) return;
  const { status } = await phone.updateFolder(folder.serverId, world.nextSubject(), '0');
  if (status !== 1) await phone.syncFolders();
}

/** All that any device ever knew to be in the folder or below it may be gone; so may what came since. */
async function deleteFolder(world: World, action: ActionOf<'delete-folder'>): Promise<void> {
  const phone = await world.ready(action.device);
  const folder = ownFolder(phone, action.folder);
  if (folder === undefined) return;
  const fresh = world.freshLike(phone);
  fresh.syncOptions = optionsFor(0);
  try {
    await fresh.setUp();
    const doomed = new Set([folder.serverId]);
    for (const { serverId, parentId } of fresh.folders.values()) if (doomed.has(parentId)) doomed.add(serverId);
    for (const id of doomed) {
      if (fresh.folders.has(id)) await fresh.sync(id);
      for (const properties of fresh.replica(id).items.values()) world.expendable.add(subjectOf(properties));
    }
  } finally {
    fresh.close();
  }
  const { status } = await phone.deleteFolder(folder.serverId);
  if (status !== 1) await phone.syncFolders();
}

async function send(world: World, action: ActionOf<'send'>): Promise<void> {
  const phone = await world.ready(action.device);
  const subject = world.nextSubject();
  const mime = messageOf(world.user, subject, world.address);
  const status = await phone.client.sendMail({ clientId: subject, saveInSentItems: true, mime });
  if (status !== 1) throw new ModelFailure(`SendMail: Status ${status}`);
  world.accepted.set(subject, 2);
}

const performers: Performers = {
  async deliver(world, { count }) {
    for (let done = 0; done < count; done++) {
      const subject = world.nextSubject();
      const octets = messageOf(world.user, subject);
      await world.server.lmtp.deliver({ sender: 'outside@example.net', recipients: [world.address], octets });
      world.accepted.set(subject, 1);
    }
  },
  sync,
  async 'sync-to-end'(world, action) {
    const phone = await world.ready(action.device);
    const folder = world.folder(phone, action.folder);
    await world.minding(phone, folder, () => phone.sync(folder.serverId));
  },
  async 'sync-folders'(world, action) {
    const phone = await world.ready(action.device);
    if (action.fromZero) phone.folderSyncKey = '0';
    await phone.syncFolders();
  },
  move,
  'create-folder': createFolder,
  'rename-folder': renameFolder,
  'delete-folder': deleteFolder,
  async filter(world, action) {
    const phone = await world.ready(action.device);
    phone.syncOptions = optionsFor(action.filterType);
  },
  async forget(world, action) {
    const phone = await world.ready(action.device);
    phone.replica(world.folder(phone, action.folder).serverId).reset();
  },
  send,
  async restart(world, { agesInDays }) {
    const mails = agesInDays.map((ageInDays) => {
      const subject = world.nextSubject();
      world.accepted.set(subject, 1);
      return { user: world.user, subject, ageInDays };
    });
    await world.server.restart(mails);
  },
  async together(world, { actions }) {
    await Promise.all(actions.map((action) => perform(world, action)));
  },
  check: (world) => checkWorld(world),
};

/** Does one action. */
export function perform(world: World, action: Action): Promise<void> {
  const performer = performers[action.kind] as (world: World, action: Action) => Promise<void>;
  return performer(world, action);
}
