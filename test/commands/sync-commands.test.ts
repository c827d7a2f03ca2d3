// What a device does to mail by Sync and what comes of it, over HTTP (MS-ASCMD section 2.2.3.32, Commands; 2.2.3.36, Conflict; 2.2.3.47, DeletesAsMoves).
import assert from 'node:assert/strict';
import { children, find, findText, leaf, type SyncCommand, versions } from '../../src/client/index.ts';
import { AirSync as A, Email } from '../../wbxml/index.ts';
import { el } from './bench.ts';
import { bySubject, Folder, mail, propertiesIn, type SyncDevice, SyncSession, told } from './sync-session.ts';

const count = 40;
const read = (serverId: string, value = true): SyncCommand => ({
  kind: 'Change',
  serverId,
  data: [leaf(Email.Read, value)],
});
const remove = (serverId: string): SyncCommand => ({ kind: 'Delete', serverId });
const fetch = (serverId: string): SyncCommand => ({ kind: 'Fetch', serverId });

for (const version of versions) {
  describe(`commands of a device in Sync at ${version}`, () => {
    let session: SyncSession;
    let device: SyncDevice;
    let other: SyncDevice;
    let inbox: string;
    /** Mail that no test has used yet. */
    let unused: string[];
    before(async () => {
      session = await SyncSession.start(Array.from({ length: count }, (_, n) => mail(`mail ${n}`)));
      device = await session.device(version);
      other = await session.device('14.1');
      inbox = device.folder();
    });
    beforeEach(async () => {
      const { commands } = await device.first();
      unused = commands
        .filter((each) => 'properties' in each && each.properties['Email:Read'] === '0')
        .map(({ serverId }) => serverId);
      await other.first();
    });
    after(() => session.close());

    const next = () => unused.pop() ?? assert.fail('no mail left');
    const replies = async (commands: readonly SyncCommand[], of = device) =>
      (await of.one({ commands, getChanges: false })).replies.map(
        ({ kind, serverId, status }) => `${kind} ${serverId} ${status}`,
      );
    const deletedItems = async () => {
      const collectionId = device.folder(Folder.Deleted);
      await device.one({ collectionId, syncKey: '0' });
      const answer = await device.sync({ collectionId });
      return answer.kind === 'empty' ? [] : [...bySubject(answer.collections[0]!).keys()];
    };
    const subjectOf = async (serverId: string) =>
      String(
        (await device.one({ commands: [fetch(serverId)], getChanges: false })).replies[0]?.properties['Email:Subject'],
      );

    it('says nothing of a Change or Delete that succeeded, but gives a new key (R3835, R5256)', async () => {
      const before = device.keys.get(inbox);
      const answer = await device.one({ commands: [read(next()), remove(next())] });
      assert.deepEqual(answer.replies, []);
      assert.notEqual(answer.syncKey, before);
      assert.deepEqual(answer.commands, [], 'nor is the device told of what it did itself');
      assert.equal((await device.sync()).kind, 'empty');
    });

    it('answers each Fetch with the item (R1063, R1659, R5433)', async () => {
      const ids = [next(), next()];
      const { replies: all } = await device.one({ commands: ids.map(fetch), getChanges: false });
      assert.deepEqual(
        all.map(({ kind, serverId, status }) => [kind, serverId, status]),
        ids.map((id) => ['Fetch', id, 1]),
      );
      for (const { properties } of all) assert.match(String(properties['Email:Subject']), /^mail \d+$/);
    });

    it('answers what it does not know with Status 8 (R4447, R5846)', async () => {
      const folder = device.folder(Folder.Deleted);
      const known = next();
      const strange = [
        '',
        '999999:1',
        `${inbox}:999999`,
        `${folder}:${known.split(':')[1]}`,
        'abc',
        ':',
        '1:1:1',
        inbox,
        '-1:-1',
      ];
      for (const serverId of strange) {
        const id = () => el(A.ServerId, serverId);
        const data = el(A.ApplicationData, el(Email.Read, 1));
        const commands = el(A.Commands, el(A.Fetch, id()), el(A.Delete, id()), el(A.Change, id(), data));
        await device.first();
        const root = await device.rawCollection(el(A.GetChanges, 0), commands);
        const answers = children(find(root, 'Collections/Collection/Responses'));
        const found = answers.map(
          (each) => `${each.tag.name} ${findText(each, 'ServerId') ?? ''} ${findText(each, 'Status')}`,
        );
        assert.deepEqual(
          found.sort(),
          ['Change', 'Delete', 'Fetch'].map((kind) => `${kind} ${serverId} 8`),
          serverId,
        );
      }
    });

    it('answers what is gone with Status 8', async () => {
      const gone = next();
      await other.one({ commands: [remove(gone)], deletesAsMoves: false });
      assert.deepEqual((await replies([fetch(gone), read(gone), remove(gone)])).sort(), [
        `Change ${gone} 8`,
        `Delete ${gone} 8`,
        `Fetch ${gone} 8`,
      ]);
    });

    it('moves what is deleted to Deleted Items unless told otherwise (R2158, R2160, R5874, R5875)', async () => {
      const rows = [
        [undefined, true],
        [el(A.DeletesAsMoves), true],
        [el(A.DeletesAsMoves, 1), true],
        [el(A.DeletesAsMoves, 0), false],
      ] as const;
      for (const [element, kept] of rows) {
        const serverId = next();
        const subject = await subjectOf(serverId);
        await device.rawCollection(element, el(A.Commands, el(A.Delete, el(A.ServerId, serverId))));
        await device.first();
        assert.equal((await deletedItems()).includes(subject), kept, `${element?.content}`);
      }
    });

    it('deletes for good what is deleted in Deleted Items', async () => {
      const serverId = next();
      const subject = await subjectOf(serverId);
      await device.one({ commands: [remove(serverId)] });
      const collectionId = device.folder(Folder.Deleted);
      const found = bySubject(await device.first({ collectionId })).get(subject);
      assert.ok(found);
      await device.one({ collectionId, commands: [remove(found.serverId)], deletesAsMoves: true });
      assert.equal((await deletedItems()).includes(subject), false);
    });

    it('does two commands on one item in their order', async () => {
      const [first, second, third] = [next(), next(), next()];
      assert.deepEqual(await replies([read(first), read(first, false), read(first)]), []);
      assert.deepEqual(await replies([read(second), remove(second)]), []);
      assert.deepEqual(await replies([remove(third), read(third), remove(third)]), [
        `Change ${third} 8`,
        `Delete ${third} 8`,
      ]);
      const items = await other.first();
      assert.equal(propertiesIn(items, first)['Email:Read'], '1');
      assert.equal(
        items.commands.some(({ serverId }) => serverId === second || serverId === third),
        false,
      );
    });

    it('keeps the server’s item in a conflict unless told otherwise, and says so (R2066, R2068, R2069, R4444)', async () => {
      for (const options of [undefined, { conflict: 1 } as const]) {
        const serverId = next();
        await other.one({
          commands: [
            { kind: 'Change', serverId, data: [el(Email.Flag, el(Email.Status, 2), el(Email.FlagType, 'x'))] },
          ],
        });
        const answer = await device.one({ commands: [read(serverId)], ...(options ? { options } : {}) });
        assert.deepEqual(
          answer.replies.map(({ kind, status }) => `${kind} ${status}`),
          ['Change 7'],
        );
        const properties = propertiesIn(answer, serverId);
        assert.equal(properties['Email:Read'], '0', 'the device is told all of what stands');
        assert.equal((properties['Email:Flag'] as Record<string, unknown>)['Email:Status'], '2');
        assert.equal((await device.sync()).kind, 'empty');
        // Now that it knows, it may change the item.
        assert.deepEqual(await replies([read(serverId)]), []);
      }
    });

    it('keeps the client’s item when told so (R2067)', async () => {
      const serverId = next();
      await other.one({
        commands: [{ kind: 'Change', serverId, data: [el(Email.Flag, el(Email.Status, 2), el(Email.FlagType, 'x'))] }],
      });
      const { replies: none } = await device.one({ commands: [read(serverId)], options: { conflict: 0 } });
      assert.deepEqual(none, []);
      await device.sync();
      assert.equal((await device.sync()).kind, 'empty');
      for (const each of [device, other]) {
        const properties = propertiesIn(await each.first(), serverId);
        assert.equal(properties['Email:Read'], '1');
        assert.equal(
          (properties['Email:Flag'] as Record<string, unknown>)['Email:Status'],
          '2',
          'and what it did not touch',
        );
      }
    });

    it('lets a deletion win over a change, whoever deletes (R2076)', async () => {
      const [mine, theirs] = [next(), next()];
      await other.one({ commands: [read(mine)] });
      const won = await device.one({ commands: [remove(mine)] });
      assert.deepEqual([won.replies, told(won)], [[], []]);
      assert.deepEqual(told(await other.one()), [`Delete ${mine}`]);
      await other.one({ commands: [remove(theirs)], deletesAsMoves: false });
      const lost = await device.one({ commands: [read(theirs)], options: { conflict: 0 } });
      assert.deepEqual(
        lost.replies.map(({ status }) => status),
        [8],
      );
      assert.deepEqual(told(lost), [`Delete ${theirs}`]);
    });

    it('does 200 changes in one request', async () => {
      const commands = Array.from({ length: 200 }, (_, n) =>
        read(unused[n % unused.length] ?? '', n % 2 === 0 && n < 150),
      );
      assert.deepEqual(await replies(commands), []);
    });

    it('recognises a request that is repeated because its answer was lost, and does it once', async () => {
      const [changed, deleted] = [next(), next()];
      const syncKey = device.keys.get(inbox) ?? '';
      const request = {
        syncKey,
        getChanges: false,
        commands: [read(changed), remove(deleted), read(`${inbox}:999999`)],
      };
      const first = await device.one(request);
      const again = await device.one(request);
      assert.notEqual(again.syncKey, first.syncKey);
      assert.deepEqual(again.replies, first.replies);
      assert.equal(
        (await device.one({ syncKey: first.syncKey ?? '' })).status,
        3,
        'the key of the lost answer is void',
      );
      assert.equal((await device.sync({ syncKey: again.syncKey ?? '' })).kind, 'empty');
    });

    it('does the commands that come with a full window', async () => {
      await session.deliver(mail('while full'));
      await session.deliver(mail('while full too'));
      const serverId = next();
      const answer = await device.one({ windowSize: 1, commands: [read(serverId)] });
      assert.equal(answer.commands.length, 1);
      assert.equal(answer.moreAvailable, true);
      assert.equal(propertiesIn(await other.first(), serverId)['Email:Read'], '1');
    });
  });
}
