// Compares devices with what the server holds: read by a device that starts from nothing, and from the store itself.
import { isDeepStrictEqual } from 'node:util';
import { listProperty, type Phone, type Properties, textProperty } from '../../src/client/index.ts';
import { ModelFailure, mailFolders, optionsFor, subjectOf, type World } from './world.ts';

interface Seen {
  readonly subject: string;
  readonly read: string;
  readonly flag: string;
  readonly categories: readonly unknown[];
  readonly received: string | undefined;
  readonly body: string | undefined;
}

function seen(properties: Properties): Seen {
  return {
    subject: subjectOf(properties),
    read: textProperty(properties, 'Email:Read') ?? 'none',
    flag: textProperty(properties, 'Email:Flag/Email:Status') || '0',
    categories: listProperty(properties, 'Email:Categories/Email:Category'),
    received: textProperty(properties, 'Email:DateReceived'),
    body: textProperty(properties, 'AirSyncBase:Body/AirSyncBase:Data'),
  };
}

/** Items by ServerId and folders by name and place. */
function contentsOf(phone: Phone): ReadonlyMap<string, Seen | 'folder'> {
  const contents = new Map<string, Seen | 'folder'>();
  for (const { serverId, displayName, parentId } of mailFolders(phone)) {
    contents.set(`${serverId} ${displayName} in ${parentId}`, 'folder');
    for (const [id, properties] of phone.replica(serverId).items) contents.set(id, seen(properties));
  }
  return contents;
}

function differences(phone: Phone, fresh: Phone): readonly string[] {
  const held = contentsOf(phone);
  const truth = contentsOf(fresh);
  return [...new Set([...held.keys(), ...truth.keys()])].flatMap((id) => {
    const [here, there] = [held.get(id), truth.get(id)];
    if (isDeepStrictEqual(here, there)) return [];
    return [`${id}: it holds ${JSON.stringify(here) ?? 'nothing'}, the server ${JSON.stringify(there) ?? 'nothing'}`];
  });
}

async function compare(world: World, phone: Phone): Promise<void> {
  if (phone.folderSyncKey === '0') return;
  await phone.syncFolders();
  await phone.syncMail();
  const fresh = world.freshLike(phone);
  try {
    await fresh.setUp();
    await fresh.syncMail();
    const name = `${phone.client.deviceId} (${phone.client.version}, FilterType ${phone.syncOptions.filterType})`;
    const found = differences(phone, fresh);
    if (found.length > 0) throw new ModelFailure(`${name} is not as the server:\n${found.join('\n')}`);
  } finally {
    fresh.close();
  }
}

/** Everything in the mailbox is there as often as it may be, and nothing that was accepted is lost. */
export function checkSubjects(world: World, subjects: readonly string[]): void {
  const counts = new Map<string, number>();
  for (const subject of subjects) counts.set(subject, (counts.get(subject) ?? 0) + 1);
  for (const [subject, count] of counts) {
    const allowed = world.accepted.get(subject) ?? 1;
    if (count > allowed) throw new ModelFailure(`"${subject}" is in the mailbox ${count} times`);
  }
  for (const [subject, expected] of world.accepted) {
    if (!world.expendable.has(subject) && counts.get(subject) !== expected) {
      throw new ModelFailure(`"${subject}" is in the mailbox ${counts.get(subject) ?? 0} times, not ${expected}`);
    }
  }
}

/** Every device that was set up synchronises to the end and holds exactly what the server holds under its filter. */
export async function checkWorld(world: World): Promise<void> {
  for (const phone of world.devices) await compare(world, phone);
  const all = world.freshLike(world.devices[0]!);
  all.syncOptions = optionsFor(0);
  try {
    await all.setUp();
    await all.syncMail();
    const items = mailFolders(all).flatMap(({ serverId }) => [...all.replica(serverId).items.values()]);
    checkSubjects(world, items.map(subjectOf));
  } finally {
    all.close();
  }
}
