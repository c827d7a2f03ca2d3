// What a Sync request may say and what it is answered when it says something else, over HTTP (MS-ASCMD section 2.2.1.21, Sync; 2.2.3.177.17, Status (Sync)).
import assert from 'node:assert/strict';
import { findNumber, versions } from '../../src/client/index.ts';
import { AirSync as A, AirSyncBase as B, Element, Email, Ping } from '../../wbxml/index.ts';
import { el } from './bench.ts';
import { answered, Folder, globalStatus, has, mail, type SyncDevice, SyncSession, statusOf } from './sync-session.ts';

const empty = (tag: Element['tag']) => new Element(tag);
const preference = (...content: Element[]) => el(B.BodyPreference, ...content);
const type = (value: string | number) => el(B.Type, value);
const size = (value: string | number) => el(B.TruncationSize, value);

/** Options that are answered with a status, at the versions from `since` on. */
const optionRows: readonly (readonly [what: string, options: readonly Element[], status: number, since?: number])[] = [
  ['no options at all', [], 1],
  ['an empty Options', [el(A.Options)], 1],
  ['two FilterTypes (R3075)', [el(A.Options, el(A.FilterType, 1), el(A.FilterType, 2))], 1],
  ['two Conflicts (R2075)', [el(A.Options, el(A.Conflict, 0), el(A.Conflict, 1))], 1],
  ['two Classes in one Options (R938)', [el(A.Options, el(A.Class, 'Email'), el(A.Class, 'Email'))], 1],
  ['two MIMESupports (R3404)', [el(A.Options, el(A.MIMESupport, 0), el(A.MIMESupport, 2))], 1],
  ['two MIMETruncations (R3432)', [el(A.Options, el(A.MIMETruncation, 0), el(A.MIMETruncation, 8))], 1],
  ['two MaxItems (R3280)', [el(A.Options, el(A.MaxItems, 1), el(A.MaxItems, 2))], 1],
  ['Email and SMS (R934)', [el(A.Options, el(A.Class, 'Email')), el(A.Options, el(A.Class, 'SMS'))], 1],
  [
    'the options of a class twice (R930)',
    [el(A.Options, el(A.Class, 'Email')), el(A.Options, el(A.Class, 'Email'))],
    4,
  ],
  ['the default class twice (R930)', [el(A.Options), el(A.Options, el(A.Class, 'Email'))], 4],
  ['Email and Calendar (R935)', [el(A.Options, el(A.Class, 'Email')), el(A.Options, el(A.Class, 'Calendar'))], 4],
  ['a class that is none', [el(A.Options, el(A.Class, 'Mail'))], 4],
  ['three Options', [el(A.Options), el(A.Options, el(A.Class, 'SMS')), el(A.Options, el(A.Class, 'Email'))], 4],
  ...[0, 1, 2, 3, 4, 5].map(
    (days) => [`FilterType ${days} (R3035 to R3040)`, [el(A.Options, el(A.FilterType, days))], 1] as const,
  ),
  ...[6, 7, 8, 9].map(
    (days) => [`FilterType ${days} (R3041 to R3043, R3080)`, [el(A.Options, el(A.FilterType, days))], 4] as const,
  ),
  ['a FilterType that is no number', [el(A.Options, el(A.FilterType, 'week'))], 4],
  ['Conflict 2', [el(A.Options, el(A.Conflict, 2))], 4],
  ['MIMESupport 3', [el(A.Options, el(A.MIMESupport, 3))], 4],
  ['MIMETruncation 9', [el(A.Options, el(A.MIMETruncation, 9))], 4],
  ['an element that is none of Options', [el(A.Options, el(A.WindowSize, 5))], 4],
  ['a BodyPreference in its order', [el(A.Options, preference(type(2), size(5), el(B.AllOrNone, 1)))], 1],
  ['a BodyPreference out of order (MS-ASAIRS R348)', [el(A.Options, preference(size(5), type(2)))], 4],
  ['one Type twice (MS-ASAIRS R10016)', [el(A.Options, preference(type(1)), preference(type(1), size(9)))], 4],
  [
    'AllOrNone that is no boolean (MS-ASAIRS R350)',
    [el(A.Options, preference(type(1), size(5), el(B.AllOrNone, 'x')))],
    4,
  ],
  [
    'AllOrNone twice (MS-ASAIRS R351)',
    [el(A.Options, preference(type(1), size(5), el(B.AllOrNone, 1), el(B.AllOrNone, 1)))],
    4,
  ],
  ['a Type that is none', [el(A.Options, preference(type(5)))], 4],
  ['a Type that is no number', [el(A.Options, preference(type('html')))], 4],
  ['a TruncationSize that is no number', [el(A.Options, preference(type(1), size('all')))], 4],
  ['a negative TruncationSize', [el(A.Options, preference(type(1), size('-1')))], 4],
  ['the largest TruncationSize', [el(A.Options, preference(type(1), size('4294967295')))], 1],
  ['a BodyPreference without Type', [el(A.Options, preference(size(5)))], 4],
  ['a Preview', [el(A.Options, preference(type(1), el(B.Preview, 255)))], 1, 14],
  ['a Preview of 256', [el(A.Options, preference(type(1), el(B.Preview, 256)))], 4, 14],
  ['a BodyPartPreference of HTML', [el(A.Options, el(B.BodyPartPreference, type(2)))], 1, 14.1],
  ['a BodyPartPreference of plain text (R5412)', [el(A.Options, el(B.BodyPartPreference, type(1)))], 164, 14.1],
];

/** Children of a Collection besides its ids, with the status that they get at key 0 and at a later key; 0 where either may not be tried. */
const collectionRows: readonly (readonly [
  what: string,
  children: readonly Element[],
  atZero: number,
  later: number,
  since?: number,
])[] = [
  ['nothing more', [], 1, 1],
  ['GetChanges empty (R3127, R3128)', [empty(A.GetChanges)], 4, 1],
  ['GetChanges 1 (R3126, R5838)', [el(A.GetChanges, 1)], 4, 1],
  ['GetChanges 0 (R5839)', [el(A.GetChanges, 0)], 1, 1],
  ['GetChanges 2', [el(A.GetChanges, 2)], 4, 4],
  ['DeletesAsMoves empty (R2161)', [empty(A.DeletesAsMoves)], 1, 1],
  ['Supported empty (R4551, R5909)', [empty(A.Supported)], 1, 1],
  ['Supported of some elements', [el(A.Supported, empty(Email.Subject))], 1, 1],
  ['a Class beside the ids, as 12.1 has it', [el(A.Class, 'Email')], 1, 1],
  ['WindowSize 0 (R4768)', [el(A.WindowSize, 0)], 1, 1],
  ['WindowSize 100000 (R4768)', [el(A.WindowSize, 100_000)], 1, 1],
  ['WindowSize -1', [el(A.WindowSize, '-1')], 4, 4],
  ['WindowSize that is no number', [el(A.WindowSize, 'many')], 4, 4],
  ['WindowSize twice', [el(A.WindowSize, 1), el(A.WindowSize, 2)], 4, 4],
  ['Commands without a command (R2058)', [empty(A.Commands)], 1, 1],
  ['a command at key 0', [el(A.Commands, el(A.Delete, el(A.ServerId, '1:1')))], 4, 1],
  ['ConversationMode', [el(A.ConversationMode, 1)], 1, 1, 14],
  ['an element of another page', [empty(Ping.HeartbeatInterval)], 4, 4],
  ['an element of the answer', [el(A.Status, 1)], 4, 4],
];

for (const version of versions) {
  describe(`Sync requests at ${version}`, () => {
    const at = Number(version);
    let session: SyncSession;
    let device: SyncDevice;
    before(async () => {
      session = await SyncSession.start([mail('one')], { limits: { maximumSyncCollections: 5 } });
      device = await session.device(version);
    });
    after(() => session.close());

    for (const [what, options, expected, since = 12.1] of optionRows) {
      const status = at >= since ? expected : 4;
      it(`options: ${what}: ${status}`, async () => {
        await device.first();
        const key = device.keys.get(device.folder());
        const root = await device.rawCollection(...options);
        assert.equal(statusOf(root) ?? 1, status);
        // A refusal leaves the key as good as it was.
        assert.equal(statusOf(await device.rawCollection(el(A.SyncKey, key ?? ''))) ?? 1, 1);
      });
    }

    for (const [what, children, atZero, later, since = 12.1] of collectionRows) {
      const [first, next] = at >= since ? [atZero, later] : [4, 4];
      it(`a collection: ${what}: ${first} at key 0, ${next} later`, async () => {
        assert.equal(statusOf(await device.rawCollection(el(A.SyncKey, '0'), ...children)), first);
        await device.first();
        assert.equal(statusOf(await device.rawCollection(...children)) ?? 1, next);
      });
    }

    it('refuses options of mail that other classes do not have (R2117, R3045 to R3061)', async () => {
      const calendar = device.folder(Folder.Calendar);
      const ask = async (...children: Element[]) => {
        const fields = [el(A.SyncKey, '0'), el(A.CollectionId, calendar), ...children];
        return statusOf(await device.raw(el(A.Collections, el(A.Collection, ...fields))));
      };
      assert.equal(await ask(), 1);
      if (at >= 14) assert.equal(await ask(el(A.ConversationMode, 1)), 4);
      for (const [filter, expected] of [
        [0, 1],
        [1, 4],
        [2, 4],
        [3, 4],
        [4, 1],
        [5, 1],
        [6, 1],
        [7, 1],
        [8, 4],
      ] as const) {
        assert.equal(await ask(el(A.Options, el(A.FilterType, filter))), expected, `FilterType ${filter}`);
      }
    });

    it('refuses a request that is none, for the whole of it (R4430, R4431, R4545)', async () => {
      const key = el(A.SyncKey, '0');
      const id = el(A.CollectionId, device.folder());
      const documents: readonly (readonly [string, readonly Element[]])[] = [
        ['nothing', []],
        ['Collections without a Collection', [el(A.Collections)]],
        ['a Collection without CollectionId (R4545)', [el(A.Collections, el(A.Collection, key))]],
        ['a Collection without SyncKey', [el(A.Collections, el(A.Collection, id))]],
        ['an empty SyncKey', [el(A.Collections, el(A.Collection, el(A.SyncKey), id))]],
        ['an empty CollectionId', [el(A.Collections, el(A.Collection, key, el(A.CollectionId)))]],
        [
          'a CollectionId of 65 characters',
          [el(A.Collections, el(A.Collection, key, el(A.CollectionId, '1'.repeat(65))))],
        ],
        ['a collection twice', [el(A.Collections, el(A.Collection, key, id), el(A.Collection, key, id))]],
        ['text where elements belong', [el(A.Collections, 'text')]],
        ['Partial and nothing else (R3642)', [empty(A.Partial)]],
        ['a heartbeat without collections and Partial', [el(A.Wait, 1)]],
        ['a heartbeat with empty Collections, as of an Android without folders', [el(A.Wait, 1), el(A.Collections)]],
        [
          'Wait and HeartbeatInterval (R3162, R4748)',
          [el(A.Collections, el(A.Collection, key, id)), el(A.Wait, 1), el(A.HeartbeatInterval, 60)],
        ],
        ['a Wait that is no number', [el(A.Collections, el(A.Collection, key, id)), el(A.Wait, 'long')]],
        ['an unknown element', [el(A.Collections, el(A.Collection, key, id)), el(A.MoreAvailable)]],
      ];
      for (const [what, children] of documents) assert.equal(globalStatus(await device.raw(...children)), 4, what);
    });

    it('takes the elements of a collection in any order', async () => {
      const children = [el(A.WindowSize, 5), el(A.CollectionId, device.folder()), el(A.SyncKey, '0')];
      assert.equal(statusOf(await device.raw(el(A.Collections, el(A.Collection, ...children)))), 1);
    });

    it('takes Partial anywhere, with keys and commands, as Windows Phone sends it', async () => {
      const { serverId } = (await device.first()).commands[0]!;
      const key = el(A.SyncKey, device.keys.get(device.folder()) ?? '');
      const command = el(A.Commands, el(A.Change, el(A.ServerId, serverId), el(A.ApplicationData, el(Email.Read, 1))));
      const collection = el(A.Collection, key, el(A.CollectionId, device.folder()), command);
      const root = await device.raw(el(A.Collections, collection), empty(A.Partial));
      assert.equal(statusOf(root), 1);
    });

    it('answers an interval out of bounds with Status 14 and the bound (R3160, R3227 to R3230, R4459 to R4461, R4746, R5780 to R5782)', async () => {
      await device.first();
      const collections = [{ collectionId: device.folder(), syncKey: device.keys.get(device.folder()) ?? '' }];
      const rows = [
        [{ wait: 0 }, 1],
        [{ wait: -5 }, 1],
        [{ wait: 60 }, 59],
        [{ wait: 9000 }, 59],
      ] as const;
      for (const [interval, limit] of rows) {
        const answer = answered(await device.client.sync({ collections, ...interval }));
        assert.deepEqual(
          { status: answer.status, limit: answer.limit },
          { status: 14, limit },
          JSON.stringify(interval),
        );
      }
      for (const [heartbeatInterval, limit] of [
        [0, 60],
        [59, 60],
        [3541, 3540],
        [99_999, 3540],
      ] as const) {
        const answer = answered(await device.client.sync({ collections, heartbeatInterval }));
        const expected = at >= 14 ? { status: 14, limit } : { status: 4, limit: undefined };
        assert.deepEqual({ status: answer.status, limit: answer.limit }, expected, String(heartbeatInterval));
      }
    });

    it('answers too many collections with Status 15 and how many may be (R3231, R4464)', async () => {
      const collections = Array.from({ length: 6 }, (_, n) => ({ collectionId: String(n + 1), syncKey: '0' }));
      const { status, limit } = answered(await device.client.sync({ collections }));
      assert.deepEqual({ status, limit }, { status: 15, limit: 5 });
    });

    it('does 200 commands at once and refuses more with Status 4, undone (R5659, R5671)', async () => {
      const { serverId } = (await device.first()).commands[0]!;
      const fetches = (count: number) => Array.from({ length: count }, () => ({ kind: 'Fetch' as const, serverId }));
      assert.equal((await device.one({ commands: fetches(200) })).replies.length, 200);
      const deletion = { kind: 'Delete', serverId } as const;
      const { status } = answered(await device.sync({ commands: [deletion, ...fetches(1000)] }));
      assert.equal(status, 4);
      assert.equal((await device.first()).commands.length, 1, 'it was not deleted');
    });

    it('answers a key that is none with Status 3 (R4425)', async () => {
      await device.first();
      const good = device.keys.get(device.folder()) ?? '';
      const foreign = (await (await session.device(version)).first()).syncKey ?? '';
      for (const syncKey of ['1', 'abc', '-1', foreign, `${good}0`, '9'.repeat(64), `0${good}`, '{}']) {
        const answer = await device.one({ syncKey });
        assert.deepEqual({ status: answer.status, syncKey: answer.syncKey }, { status: 3, syncKey: '0' }, syncKey);
      }
      assert.equal((await device.sync()).kind, 'empty', 'the good one is still good');
    });

    it('refuses the key of another collection with Status 3', async () => {
      await device.first();
      const deleted = device.folder(Folder.Deleted);
      await device.one({ collectionId: deleted, syncKey: '0' });
      assert.equal((await device.one({ syncKey: device.keys.get(deleted) ?? '' })).status, 3);
    });

    it('answers a folder that is none with Status 12 (R4453)', async () => {
      for (const collectionId of ['999999', 'RI', 'abc', '0', '-1', '1:1', '9'.repeat(64)]) {
        const { status, collectionId: named } = await device.one({ collectionId, syncKey: '0' });
        assert.deepEqual({ status, named }, { status: 12, named: collectionId });
      }
    });

    it('reaches no folder of another user', async () => {
      const other = await session.device(version, 'bob');
      const inbox = other.folder();
      if (inbox !== device.folder()) assert.equal((await device.one({ collectionId: inbox, syncKey: '0' })).status, 12);
      await other.one({ syncKey: '0' });
      const { commands } = await device.first();
      const { serverId } = commands[0]!;
      const stolen = await other.one({
        commands: [
          { kind: 'Fetch', serverId },
          { kind: 'Delete', serverId },
        ],
      });
      assert.deepEqual(stolen.replies.map(({ kind, status }) => `${kind} ${status}`).sort(), ['Delete 8', 'Fetch 8']);
      assert.equal((await device.first()).commands.length, commands.length);
    });

    it('syncs the Outbox and all folders of classes to come as empty', async () => {
      for (const type of [Folder.Outbox, Folder.Contacts, Folder.Drafts]) {
        const { commands, status } = onlyStatus(await device.one({ collectionId: device.folder(type), syncKey: '0' }));
        assert.deepEqual({ commands, status }, { commands: 0, status: 1 });
        assert.equal((await device.sync({ collectionId: device.folder(type) })).kind, 'empty');
      }
    });

    it('gives its own status to each collection and its key to each that is good', async () => {
      await device.first();
      const inbox = device.folder();
      const { collections, status } = answered(
        await device.client.sync({
          collections: [
            { collectionId: inbox, syncKey: '77' },
            { collectionId: device.folder(Folder.Deleted), syncKey: '0' },
            { collectionId: '999999', syncKey: '0' },
          ],
        }),
      );
      assert.equal(status, 1);
      assert.deepEqual(
        collections.map((each) => each.status),
        [3, 1, 12],
      );
    });

    it('says nothing at all when there is nothing, never an empty Collections (R656, R667, R679)', async () => {
      await device.first();
      const { status, body, root } = await device.client.send(
        'Sync',
        el(
          A.Sync,
          el(
            A.Collections,
            el(
              A.Collection,
              el(A.SyncKey, device.keys.get(device.folder()) ?? ''),
              el(A.CollectionId, device.folder()),
            ),
          ),
        ),
      );
      assert.deepEqual({ status, length: body.length, root }, { status: 200, length: 0, root: undefined });
    });

    it('puts no empty Commands, Responses or MoreAvailable into an answer (R2053, R3456, R3835, R3836)', async () => {
      const root = await device.rawCollection(el(A.SyncKey, '0'));
      for (const name of ['Commands', 'Responses', 'MoreAvailable', 'Class']) {
        assert.equal(has(root, `Collections/Collection/${name}`), false, name);
      }
      assert.equal(findNumber(root, 'Collections/Collection/AirSync:Status'), 1);
    });
  });
}

function onlyStatus({ commands, status }: { readonly commands: readonly unknown[]; readonly status: number }) {
  return { commands: commands.length, status };
}
