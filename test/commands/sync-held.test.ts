// Sync that waits, and Sync that says nothing or only part of what it means, over HTTP (MS-ASCMD section 2.2.3.198, Wait; 2.2.3.83.2,
// HeartbeatInterval (Sync); 2.2.1.21.1, Empty Sync Request; 2.2.3.131, Partial).
import assert from 'node:assert/strict';
import { leaf, type SyncAnswer, type SyncRequest, versions } from '../../src/client/index.ts';
import { AirSync as A, Element, Email } from '../../wbxml/index.ts';
import { el } from './bench.ts';
import {
  answered,
  Folder,
  globalStatus,
  mail,
  onlyCollection,
  type SyncDevice,
  SyncSession,
  told,
} from './sync-session.ts';

/** Longer than any test waits. */
const long = 50;

for (const version of versions) {
  describe(`held, empty and partial Sync at ${version}`, () => {
    const at = Number(version);
    let session: SyncSession;
    let device: SyncDevice;
    let other: SyncDevice;
    before(async () => {
      session = await SyncSession.start(
        Array.from({ length: 12 }, (_, n) => mail(`mail ${n}`)),
        { limits: { minimumHeartbeat: 1 } },
      );
      other = await session.device('14.1');
    });
    beforeEach(async () => {
      device = await session.device(version);
      await device.first();
      await other.first();
    });
    after(() => session.close());

    const ofInbox = () => ({ collectionId: device.folder(), syncKey: device.keys.get(device.folder()) ?? '0' });
    const interval = (seconds: number): Partial<SyncRequest> =>
      at >= 14 ? { heartbeatInterval: seconds } : { wait: 1 };

    /** Sends a Sync and comes back once the server surely has it. */
    async function hold(
      request: SyncRequest | undefined,
      of = device,
    ): Promise<{ readonly answer: Promise<SyncAnswer> }> {
      const answer = of.client.sync(request, { timeout: 20_000 });
      for (let trips = 0; trips < 3; trips++) await other.client.folderSync('0');
      return { answer };
    }

    /** Another device marks a mail as read. */
    async function readElsewhere(index = 0, value = true): Promise<string> {
      const { serverId } = (await other.first()).commands[index]!;
      await other.one({ commands: [{ kind: 'Change', serverId, data: [leaf(Email.Read, value)] }], getChanges: false });
      return serverId;
    }

    it('is answered at once when there is something (R3119)', async () => {
      await session.deliver(mail('before'));
      assert.equal(onlyCollection(await device.sync({}, interval(long))).commands.length, 1);
    });

    it('is answered at once at key 0', async () => {
      assert.equal(onlyCollection(await device.sync({ syncKey: '0' }, interval(long))).status, 1);
    });

    it('is woken by mail that arrives', async () => {
      const { answer } = await hold({ collections: [ofInbox()], ...interval(long) });
      await session.deliver(mail('woke it'));
      const { commands } = onlyCollection(await answer);
      assert.deepEqual(
        commands.map(({ kind }) => kind),
        ['Add'],
      );
    });

    it('is woken by what another device changes', async () => {
      const { answer } = await hold({ collections: [ofInbox()], ...interval(long) });
      const serverId = await readElsewhere();
      assert.deepEqual(told(onlyCollection(await answer)), [`Change ${serverId}`]);
    });

    it('sleeps on when something changes in a folder that it does not watch', async () => {
      const deleted = await primeDeleted();
      const watched = { collectionId: deleted, syncKey: device.keys.get(deleted) ?? '' };
      const { answer } = await hold({ collections: [watched], ...interval(long) });
      await session.deliver(mail('elsewhere'));
      await other.first();
      const { serverId } = (await other.first()).commands[0]!;
      await other.client.moveItems([{ serverId, from: other.folder(), to: other.folder(Folder.Deleted) }]);
      assert.equal(onlyCollection(await answer).collectionId, deleted);
    });

    if (at >= 14) {
      it('is answered with nothing when its time is over (R656, R679)', async () => {
        const begun = performance.now();
        assert.equal((await device.sync({}, { heartbeatInterval: 1 })).kind, 'empty');
        assert.ok(performance.now() - begun >= 990);
      });

      it('is not woken by folders that the device itself makes', async () => {
        const { answer } = await hold({ collections: [ofInbox()], heartbeatInterval: 1 });
        const { syncKey = '' } = await device.client.folderSync('0');
        const made = await device.client.folderCreate(syncKey, {
          parentId: '0',
          displayName: `own ${version}`,
          type: 12,
        });
        assert.equal(made.status, 1);
        assert.equal((await answer).kind, 'empty');
      });
    }

    it('ends with nothing when the device sends another Sync, whatever that one does', async () => {
      const { answer } = await hold({ collections: [ofInbox()], ...interval(long) });
      const { serverId } = (await other.first()).commands[0]!;
      const data = [leaf(Email.Read, true)];
      await device.one({ commands: [{ kind: 'Change', serverId, data }], getChanges: false });
      assert.equal((await answer).kind, 'empty');
    });

    it('is not ended by the Sync of another device', async () => {
      const { answer } = await hold({ collections: [ofInbox()], ...interval(long) });
      const second = await session.device(version);
      await second.first();
      await session.deliver(mail('for both'));
      assert.equal(onlyCollection(await answer).commands.length, 1);
    });

    it('is answered with Status 12 when somebody else makes, renames or deletes a folder meanwhile (R4453)', async () => {
      let { syncKey = '' } = await other.client.folderSync('0');
      const steps = [
        () => other.client.folderCreate(syncKey, { parentId: '0', displayName: `theirs ${version}`, type: 12 }),
        () => other.client.folderUpdate(syncKey, { serverId: made, parentId: '0', displayName: `renamed ${version}` }),
        () => other.client.folderDelete(syncKey, made),
      ];
      let made = '';
      for (const step of steps) {
        const { answer } = await hold({ collections: [ofInbox()], ...interval(long) });
        const done = await step();
        assert.equal(done.status, 1);
        syncKey = done.syncKey ?? '';
        made = done.serverId || made;
        const { status, collections } = answered(await answer);
        assert.deepEqual({ status, collections }, { status: 12, collections: [] });
        await device.client.folderSync('0');
        // The keys of collections are as good as before.
        assert.equal((await device.sync()).kind, 'empty');
      }
    });

    it('answers a folder that was deleted before with Status 12 for its collection', async () => {
      const { syncKey = '' } = await other.client.folderSync('0');
      const made = await other.client.folderCreate(syncKey, {
        parentId: '0',
        displayName: `short ${version}`,
        type: 12,
      });
      const collectionId = made.serverId ?? '';
      await device.one({ collectionId, syncKey: '0' });
      await other.client.folderDelete(made.syncKey ?? '', collectionId);
      assert.equal((await device.one({ collectionId })).status, 12);
    });

    it('repeats the request before when it has no body (R658, R667, R673, R675)', async () => {
      assert.equal((await device.sync()).kind, 'empty');
      assert.equal((await device.client.sync(undefined)).kind, 'empty');
      await session.deliver(mail('for an empty request'));
      const answer = await device.client.sync(undefined);
      device.keep(answer);
      assert.equal(onlyCollection(answer).commands.length, 1);
      assert.equal((await device.sync()).kind, 'empty', 'the new key is good');
    });

    it('gives the same again when the answer to an empty request was lost', async () => {
      await device.sync();
      await session.deliver(mail('told twice'));
      const lost = onlyCollection(await device.client.sync(undefined));
      const again = await device.client.sync(undefined);
      device.keep(again);
      assert.deepEqual(told(onlyCollection(again)), told(lost));
      assert.equal((await device.sync()).kind, 'empty');
    });

    it('holds an empty request as long as the one before', async () => {
      const begun = await hold({ collections: [ofInbox()], ...interval(long) });
      const empty = await hold(undefined);
      assert.equal((await begun.answer).kind, 'empty', 'superseded');
      await session.deliver(mail('woke an empty one'));
      assert.equal(onlyCollection(await empty.answer).commands.length, 1);
    });

    it('answers an empty or partial request with Status 13 when there was none before (R4456)', async () => {
      const fresh = await session.device(version);
      assert.equal(globalStatus((await fresh.client.send('Sync')).root), 13);
      assert.equal(globalStatus(await fresh.raw(el(A.WindowSize, 5), new Element(A.Partial))), 13);
    });

    /** Begins to sync Deleted Items and takes all that is there. */
    async function primeDeleted(): Promise<string> {
      const collectionId = device.folder(Folder.Deleted);
      await device.one({ collectionId, syncKey: '0' });
      while ((await device.sync({ collectionId })).kind !== 'empty');
      return collectionId;
    }

    it('takes what a partial request leaves out from the one before (R3644, R3645)', async () => {
      const deleted = await primeDeleted();
      const both = [ofInbox(), { collectionId: deleted, syncKey: device.keys.get(deleted) ?? '' }];
      assert.equal((await device.client.sync({ collections: both, windowSize: 3 })).kind, 'empty');
      for (let n = 0; n < 4; n++) await session.deliver(mail(`partial ${n}`));
      const first = answered(await device.client.sync({ collections: [both[1]!], partial: true }));
      device.keep(first);
      assert.deepEqual(
        first.collections.map(({ collectionId, commands }) => [collectionId, commands.length]),
        [[device.folder(), 3]],
      );
      const second = await device.client.sync({ collections: [ofInbox()], windowSize: 100, partial: true });
      device.keep(second);
      assert.equal(onlyCollection(second).commands.length, 1);
      if (at >= 14) {
        const held = await device.client.sync({ collections: [ofInbox()], heartbeatInterval: 1, partial: true });
        assert.equal(held.kind, 'empty');
      }
    });

    it('takes the options of a collection from the request before (R3597, R3598)', async () => {
      await device.sync({ options: { bodyPreferences: [{ type: 1, truncationSize: 3 }] } });
      await session.deliver(mail('sticky', 'Longer than three'));
      const { commands } = onlyCollection(await device.client.sync(undefined));
      const [command] = commands;
      assert.ok(command && 'properties' in command);
      assert.equal((command.properties['AirSyncBase:Body'] as Record<string, unknown>)['AirSyncBase:Data'], 'Lon');
    });
  });
}
