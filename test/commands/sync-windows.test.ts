// How much of what changed one answer tells, over HTTP (MS-ASCMD section 2.2.3.199, WindowSize; 2.2.3.118, MoreAvailable; 2.2.3.68.2, FilterType (Sync)).
import assert from 'node:assert/strict';
import { leaf, type SyncAnswer, versions } from '../../src/client/index.ts';
import { Email } from '../../wbxml/index.ts';
import { answered, Folder, mail, onlyCollection, type SyncDevice, SyncSession, told } from './sync-session.ts';

const day = 24 * 60 * 60 * 1000;
/** Days that each mail of the filter tests is old. */
const ages = [0.5, 2, 5, 10, 20, 40] as const;
const inboxCount = 120;

const aged = ages.map((days) => mail(`${days} days`, 'old', { Date: new Date(Date.now() - days * day).toUTCString() }));
const recent = Array.from({ length: inboxCount - ages.length }, (_, n) => mail(`recent ${n}`));

for (const version of versions) {
  describe(`windows and filters of Sync at ${version}`, () => {
    let session: SyncSession;
    let device: SyncDevice;
    let inbox: string;
    before(async () => {
      session = await SyncSession.start([...recent, ...aged]);
      device = await session.device(version);
      inbox = device.folder();
    });
    after(() => session.close());

    const begin = () => device.one({ syncKey: '0' });

    /** Syncs to the end; gives how many commands each answer held and whether it promised more. */
    async function walk(windowSize?: number): Promise<[commands: number, more: boolean][]> {
      await begin();
      const answers: [number, boolean][] = [];
      for (;;) {
        const answer = await device.sync(windowSize === undefined ? {} : { windowSize });
        if (answer.kind === 'empty') return answers;
        const { commands, moreAvailable } = onlyCollection(answer);
        answers.push([commands.length, moreAvailable]);
      }
    }

    it('tells nothing and a new key at key 0 (R648, R4599, R5555)', async () => {
      const { commands, moreAvailable, syncKey, status } = await begin();
      assert.deepEqual([commands.length, moreAvailable, status], [0, false, 1]);
      assert.match(syncKey ?? '', /^[1-9]\d*$/);
    });

    it('fills each window and promises more exactly when more comes (R3448 to R3460, R4765, R4771)', async () => {
      assert.deepEqual(await walk(50), [
        [50, true],
        [50, true],
        [20, false],
      ]);
      assert.deepEqual(await walk(60), [
        [60, true],
        [60, false],
      ]);
      assert.deepEqual(await walk(119), [
        [119, true],
        [1, false],
      ]);
      assert.deepEqual(await walk(120), [[120, false]]);
    });

    it('takes 100 for no WindowSize, 512 for 0 and for what is above (R3458, R3459, R4767, R4768)', async () => {
      assert.deepEqual(await walk(), [
        [100, true],
        [20, false],
      ]);
      assert.deepEqual(await walk(0), [[120, false]]);
      assert.deepEqual(await walk(99_999), [[120, false]]);
    });

    it('gives newest mail first and each mail once', async () => {
      await begin();
      const seen: string[] = [];
      for (let more = true; more; ) {
        const answer = await device.one({ windowSize: 33 });
        seen.push(...answer.commands.map(({ serverId }) => serverId));
        more = answer.moreAvailable;
      }
      assert.equal(new Set(seen).size, inboxCount);
      await begin();
      const dates = (await device.one({ windowSize: 512 })).commands.map((command) =>
        'properties' in command ? String(command.properties['Email:DateReceived']) : '',
      );
      assert.deepEqual(dates, [...dates].sort().reverse());
    });

    it('gives new mail before the rest of a first walk', async () => {
      await begin();
      await device.one({ windowSize: 5 });
      await session.deliver(mail('arrived meanwhile'));
      const { commands } = await device.one({ windowSize: 5 });
      const [newest] = commands;
      assert.ok(newest && 'properties' in newest);
      assert.equal(newest.properties['Email:Subject'], 'arrived meanwhile');
      const { serverId } = newest;
      await device.first();
      await device.one({ commands: [{ kind: 'Delete', serverId }], deletesAsMoves: false });
    });

    it('counts changes and deletions like additions', async () => {
      const other = await session.device('14.1');
      const ids = (await other.first()).commands.map(({ serverId }) => serverId);
      await device.first();
      await other.one({
        commands: ids.slice(0, 4).map((serverId) => ({ kind: 'Change', serverId, data: [leaf(Email.Read, true)] })),
      });
      for (const [expected, more] of [
        [3, true],
        [1, false],
      ] as const) {
        const { commands, moreAvailable } = await device.one({ windowSize: 3 });
        assert.deepEqual([commands.length, moreAvailable], [expected, more]);
      }
      assert.equal((await device.sync()).kind, 'empty');
    });

    it('tells no changes when it must not, and all of them when asked again (R3119, R3125, R3126)', async () => {
      await begin();
      assert.equal((await device.sync({ getChanges: false })).kind, 'empty');
      assert.equal((await device.one({ getChanges: true, windowSize: 512 })).commands.length, inboxCount);
    });

    describe('of several collections', () => {
      let second: SyncDevice;
      let folders: string[];
      before(async () => {
        second = await session.device(version);
        const deleted = second.folder(Folder.Deleted);
        const ids = (await second.first()).commands.map(({ serverId }) => serverId).slice(-10);
        await second.client.moveItems(ids.map((serverId) => ({ serverId, from: inbox, to: deleted })));
        folders = [inbox, deleted];
      });
      after(async () => {
        const deleted = second.folder(Folder.Deleted);
        const ids = (await second.first({ collectionId: deleted })).commands.map(({ serverId }) => serverId);
        await second.client.moveItems(ids.map((serverId) => ({ serverId, from: deleted, to: inbox })));
      });
      beforeEach(async () => {
        for (const collectionId of folders) await second.one({ collectionId, syncKey: '0' });
      });

      async function together(
        order: readonly string[],
        windowSize: number | undefined,
        each: number,
      ): Promise<SyncAnswer> {
        const collections = order.map((collectionId) => ({
          collectionId,
          syncKey: second.keys.get(collectionId) ?? '0',
          windowSize: each,
        }));
        const answer = await second.client.sync({ collections, ...(windowSize === undefined ? {} : { windowSize }) });
        second.keep(answer);
        return answer;
      }
      const summary = (answer: SyncAnswer) =>
        answered(answer).collections.map(({ collectionId, commands, moreAvailable }) => [
          collectionId,
          commands.length,
          moreAvailable,
        ]);

      it('honours the window of each (R4776, R4778)', async () => {
        const [first, last] = folders as [string, string];
        assert.deepEqual(summary(await together(folders, undefined, 7)), [
          [first, 7, true],
          [last, 7, true],
        ]);
        assert.deepEqual(summary(await together(folders, 100, 7)), [
          [first, 7, true],
          [last, 3, false],
        ]);
      });

      it('goes by the order of the request until the window of all is full (R4776 to R4783)', async () => {
        const [first, last] = folders as [string, string];
        assert.deepEqual(summary(await together([last, first], 15, 100)), [
          [last, 10, false],
          [first, 5, true],
        ]);
        // What did not fit is left to the next request: no entry, and the key stays good.
        for (const collectionId of folders) await second.one({ collectionId, syncKey: '0' });
        assert.deepEqual(summary(await together([last, first], 10, 100)), [[last, 10, false]]);
        assert.deepEqual(summary(await together([last, first], 10, 100)), [[first, 10, true]]);
      });

      it('loses nothing whatever the windows', async () => {
        const counts = new Map<string, number>();
        for (let rounds = 0; rounds < 60; rounds++) {
          const answer = await together(rounds % 2 ? folders : [...folders].reverse(), 9, 4);
          if (answer.kind === 'empty') break;
          for (const { collectionId, commands } of answer.collections) {
            counts.set(collectionId, (counts.get(collectionId) ?? 0) + commands.length);
          }
        }
        assert.deepEqual([...folders.map((id) => counts.get(id))], [inboxCount - 10, 10]);
      });
    });

    it('gives what lies within the filter, by value (R2987, R3035 to R3040, R3076)', async () => {
      const expected = [6, 1, 2, 3, 4, 5];
      for (const [filterType, within] of expected.entries()) {
        await begin();
        const { commands } = await device.one({ options: { filterType }, windowSize: 512 });
        const old = commands.filter(
          (each) => 'properties' in each && / days$/.test(String(each.properties['Email:Subject'])),
        );
        assert.equal(old.length, within, `FilterType ${filterType}`);
      }
    });

    it('takes back what falls out of the filter and gives back what returns to it (R3064, R3967)', async () => {
      await device.first();
      const shorter = await device.one({ options: { filterType: 3 } });
      assert.deepEqual(
        shorter.commands.map(({ kind }) => kind),
        Array(3).fill('SoftDelete'),
      );
      assert.equal((await device.sync()).kind, 'empty', 'the options stay (R3597, R3598)');
      const longer = await device.one({ options: { filterType: 5 } });
      assert.deepEqual(
        longer.commands.map(({ kind }) => kind),
        Array(2).fill('Add'),
      );
      assert.deepEqual(
        longer.commands.map(({ serverId }) => serverId).sort(),
        told(shorter)
          .map((each) => each.slice('SoftDelete '.length))
          .sort()
          .filter((id) => told(longer).includes(`Add ${id}`)),
      );
      const none = await device.one({ options: {} });
      assert.equal(none.commands.length, 1, 'options without a FilterType are no filter (R3599)');
    });
  });
}
