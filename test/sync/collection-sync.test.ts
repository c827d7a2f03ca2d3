// The sync engine against a naive device: whatever happens, a device that syncs to the end holds what the server holds.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { newEmailProperties } from '../../src/content/email-properties.ts';
import { derive } from '../../src/mime/derive.ts';
import type { FolderId, ItemId, MailboxId, PartnershipId } from '../../src/protocol/ids.ts';
import { serverIdOf } from '../../src/protocol/ids.ts';
import type { Folder } from '../../src/store/mailbox-store.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { ClientCommand } from '../../src/sync/client-changes.ts';
import { type CollectionOptions, defaultOptions } from '../../src/sync/collection-state.ts';
import { type CollectionAnswer, syncCollection } from '../../src/sync/collection-sync.ts';
import { AirSync, Element, Email } from '../../wbxml/index.ts';

const now = Date.parse('2026-11-23T12:00:00Z');
const day = 24 * 60 * 60 * 1000;

interface World {
  readonly store: Store;
  readonly mailbox: MailboxId;
  readonly inbox: Folder;
  readonly other: Folder;
}

async function makeWorld(): Promise<World> {
  const store = await openStore({ kind: 'sqlite', file: ':memory:' });
  await store.directory.putDomain('example.test');
  const outcome = await store.directory.putUser('ann', 'example.test', { displayName: 'Ann', passwordHash: '-' });
  assert.ok('user' in outcome);
  const mailbox = outcome.user.mailboxId;
  const inbox = await store.mailboxes.folderOfType(mailbox, 2);
  const other = await store.mailboxes.folderOfType(mailbox, 4);
  assert.ok(inbox && other);
  return { store, mailbox, inbox, other };
}

async function partnershipOf(world: World, deviceId: string): Promise<PartnershipId> {
  const user = await world.store.directory.userByLogin('ann', undefined);
  assert.ok(user);
  const device = { deviceId, deviceType: 'Test', userAgent: '' };
  const partnership = await world.store.devices.findOrCreate(user.id, device, 10);
  assert.ok(partnership);
  return partnership.id;
}

async function deliver(world: World, subject: string, received: number): Promise<ItemId> {
  const octets = Buffer.from(`From: a@example.test\r\nTo: ann@example.test\r\nSubject: ${subject}\r\n\r\nhello\r\n`);
  const { message, bodies } = derive(octets);
  const outcome = await world.store.delivery.submit({
    message: { octets, derived: message, bodies },
    deliveries: [
      {
        mailbox: world.mailbox,
        folderId: world.inbox.id,
        properties: newEmailProperties(message, { read: false }),
        received,
        by: 0,
      },
    ],
  });
  assert.equal(outcome.kind, 'done');
  const [delivery] = outcome.kind === 'done' ? outcome.deliveries : [];
  assert.ok(delivery?.kind === 'delivered');
  return delivery.itemId;
}

/** A device that keeps what it was told, and objects to anything that does not fit. */
class Device {
  readonly items = new Map<ItemId, boolean>();
  /** Deleted by the device without an answer: the server may still tell it of their end. */
  readonly forgotten = new Set<ItemId>();
  syncKey = '0';
  filterType = 0;
  readonly world: World;
  readonly partnership: PartnershipId;

  constructor(world: World, partnership: PartnershipId) {
    this.world = world;
    this.partnership = partnership;
  }

  options(): CollectionOptions {
    return { ...defaultOptions, filterType: this.filterType };
  }

  ask(commands: readonly ClientCommand[], windowSize: number): Promise<CollectionAnswer> {
    const { store, mailbox, inbox, other } = this.world;
    return syncCollection(store.mailboxes, {
      mailbox,
      partnership: this.partnership,
      version: 14.1,
      folder: inbox,
      contentClass: 'Email',
      syncKey: this.syncKey,
      options: this.options(),
      commands,
      getChanges: this.syncKey !== '0',
      deletedItems: other.id,
      windowSize,
      maximumWeight: 10_000_000,
      now,
    });
  }

  take(answer: CollectionAnswer): boolean {
    assert.ok(answer.kind === 'changed' || answer.kind === 'unchanged', answer.kind);
    if (answer.kind === 'unchanged') return false;
    this.syncKey = answer.syncKey;
    for (const change of answer.changes) {
      if (change.kind === 'Add') {
        assert.ok(!this.items.has(change.item.id), `Add of ${change.item.id}, which the device holds`);
        this.items.set(change.item.id, change.item.properties['read'] === true);
      } else if (change.kind === 'Change') {
        assert.ok(this.items.has(change.item.id), `Change of ${change.item.id}, which the device does not hold`);
        this.items.set(change.item.id, change.item.properties['read'] === true);
      } else {
        const held = this.items.delete(change.itemId) || this.forgotten.delete(change.itemId);
        assert.ok(held, `${change.kind} of ${change.itemId}, which the device does not hold`);
      }
    }
    return answer.more;
  }

  async syncToTheEnd(windowSize: number): Promise<void> {
    if (this.syncKey === '0') this.take(await this.ask([], windowSize));
    for (let round = 0; this.take(await this.ask([], windowSize)) || round < 2; round++) assert.ok(round < 500);
  }

  async truth(): Promise<Map<ItemId, boolean>> {
    const { store, mailbox, inbox } = this.world;
    const counter = await store.mailboxes.counter(mailbox);
    const range = { snapshot: counter, cursor: undefined, floor: -8.64e15, limit: 10_000 };
    const items = await store.mailboxes.backfill(mailbox, inbox.id, range);
    const days = [Number.POSITIVE_INFINITY, 1, 3, 7, 14][this.filterType] ?? 0;
    const seen = items.filter(({ filterDate }) => filterDate >= now - days * day);
    return new Map(seen.map(({ id, properties }) => [id, properties['read'] === true]));
  }
}

function readChange(folder: FolderId, id: ItemId, read: boolean): ClientCommand {
  const data = new Element(AirSync.ApplicationData, [new Element(Email.Read, read ? '1' : '0')]);
  return { kind: 'Change', serverId: serverIdOf(folder, id), data };
}

type ServerStep = { kind: 'server-read' | 'server-delete' | 'server-move'; pick: number };
type DeviceStep = { kind: 'read' | 'delete'; device: number; pick: number; lost: boolean; again: boolean };
type Step =
  | { kind: 'deliver'; age: number }
  | ServerStep
  | { kind: 'sync'; device: number; window: number; lost: boolean }
  | DeviceStep
  | { kind: 'filter'; device: number; filterType: number }
  | { kind: 'restart'; device: number };

const index = fc.nat({ max: 1000 });
const device = fc.nat({ max: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('deliver' as const), age: fc.integer({ min: 0, max: 20 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('server-read' as const, 'server-delete' as const, 'server-move' as const),
      pick: index,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('sync' as const),
      device,
      window: fc.integer({ min: 1, max: 5 }),
      lost: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('read' as const, 'delete' as const),
      device,
      pick: index,
      lost: fc.boolean(),
      again: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('filter' as const), device, filterType: fc.nat({ max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), device }) },
);

async function pickItem(world: World, pick: number): Promise<ItemId | undefined> {
  const range = { snapshot: 1e9, cursor: undefined, floor: -8.64e15, limit: 10_000 };
  const items = await world.store.mailboxes.backfill(world.mailbox, world.inbox.id, range);
  return items[pick % Math.max(1, items.length)]?.id;
}

async function serverStep(
  world: World,
  kind: 'server-read' | 'server-delete' | 'server-move',
  pick: number,
): Promise<void> {
  const id = await pickItem(world, pick);
  const item = id === undefined ? undefined : await world.store.mailboxes.item(world.mailbox, id);
  if (item === undefined) return;
  const properties = { ...item.properties, read: item.properties['read'] !== true };
  if (kind === 'server-read')
    await world.store.mailboxes.write(
      world.mailbox,
      [{ kind: 'update', itemId: item.id, properties, expected: item.changed }],
      0,
    );
  else if (kind === 'server-delete')
    await world.store.mailboxes.write(world.mailbox, [{ kind: 'delete', itemId: item.id }], 0);
  else await world.store.mailboxes.write(world.mailbox, [{ kind: 'move', itemId: item.id, to: world.other.id }], 0);
}

/** The device changes something; when the answer is lost it does not know, and sends it again (or syncs on with the old key). */
async function deviceStep(one: Device, step: DeviceStep): Promise<void> {
  if (one.syncKey === '0') return;
  const held = [...one.items.keys()];
  const id = held[step.pick % Math.max(1, held.length)];
  if (id === undefined) return;
  const read = one.items.get(id) !== true;
  const command: ClientCommand =
    step.kind === 'read'
      ? readChange(one.world.inbox.id, id, read)
      : { kind: 'Delete', serverId: serverIdOf(one.world.inbox.id, id) };
  if (step.lost) await one.ask([command], 3);
  if (step.lost && !step.again) {
    // Some devices keep what they did, others go back to what they knew.
    if (step.pick % 2 === 0) return;
    if (step.kind === 'read') one.items.set(id, read);
    else if (one.items.delete(id)) one.forgotten.add(id);
    return;
  }
  const answer = await one.ask([command], 3);
  assert.ok(answer.kind === 'changed');
  const status = answer.applied[0]?.outcome.status;
  if (status === 1 && step.kind === 'read') one.items.set(id, read);
  if (status === 1 && step.kind === 'delete') one.items.delete(id);
  one.take(answer);
}

async function deviceActs(one: Device, each: Exclude<Step, ServerStep | { kind: 'deliver' }>): Promise<void> {
  if (each.kind === 'filter') one.filterType = each.filterType;
  else if (each.kind === 'restart') {
    one.syncKey = '0';
    one.items.clear();
  } else if (each.kind !== 'sync') await deviceStep(one, each);
  else if (each.lost) await one.ask([], each.window);
  else one.take(await one.ask([], each.window));
}

async function run(steps: readonly Step[]): Promise<void> {
  const world = await makeWorld();
  try {
    const devices = [
      new Device(world, await partnershipOf(world, 'one')),
      new Device(world, await partnershipOf(world, 'two')),
    ];
    for (const [number, each] of steps.entries()) {
      if (each.kind === 'deliver') await deliver(world, `mail ${number}`, now - each.age * day - 60_000);
      else if ('device' in each) await deviceActs(devices[each.device] as Device, each);
      else await serverStep(world, each.kind, each.pick);
    }
    for (const one of devices) {
      await one.syncToTheEnd(4);
      assert.deepEqual([...one.items].sort(), [...(await one.truth())].sort());
    }
  } finally {
    await world.store.close();
  }
}

describe('syncCollection', () => {
  it('brings every device to what the server holds, whatever happened before', async function () {
    this.timeout(120_000);
    const numRuns = Number(process.env['EASEL_TEST_RUNS'] ?? 150);
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), run), { numRuns });
  });
});
