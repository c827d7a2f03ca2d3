// What a client is told of a mail and what it may change, over HTTP (MS-ASEMAIL section 2.2.2, Elements; 3.2.5.4, Sync Command Response).
import assert from 'node:assert/strict';
import { leaf, listProperty, node, type Properties, versions } from '../../src/client/index.ts';
import { AirSync as A, AirSyncBase, type Element, Email, Email2, Tasks } from '../../wbxml/index.ts';
import { el } from './bench.ts';
import { bySubject, mail, propertiesIn, type SyncDevice, SyncSession, statusOf, told } from './sync-session.ts';

const start = '2026-03-01T08:00:00.000Z';
const due = '2026-03-05T08:00:00.000Z';
const later = '2026-03-09T08:00:00.000Z';

function dates(from = start, to = due): Element[] {
  return [
    leaf(Tasks.StartDate, from),
    leaf(Tasks.UtcStartDate, from),
    leaf(Tasks.DueDate, to),
    leaf(Tasks.UtcDueDate, to),
  ];
}

const status = (value: number) => leaf(Email.Status, value);
const followUp = leaf(Email.FlagType, 'Flag for follow up');
const completed = [leaf(Email.CompleteTime, due), leaf(Tasks.DateCompleted, due)];

/** Flags that a device sends, and the status that they get. */
const flags: readonly (readonly [what: string, flag: readonly Element[], status: 1 | 6])[] = [
  ['an active flag without dates', [status(2), followUp], 1],
  ['an active flag with all dates (R940)', [status(2), followUp, ...dates()], 1],
  ['a flag that starts and ends at once', [status(2), followUp, ...dates(start, start)], 1],
  [
    'a flag of a task with a reminder (R942)',
    [
      leaf(Tasks.Subject, 'Call'),
      status(2),
      followUp,
      ...dates(),
      leaf(Tasks.ReminderSet, true),
      leaf(Tasks.ReminderTime, start),
    ],
    1,
  ],
  ['a flag complete (R86, R87)', [status(1), ...completed], 1],
  ['a flag cleared by its Status (R88)', [status(0)], 1],
  ['a flag cleared by emptiness (R8800)', [], 1],
  ['a Status twice: the last one counts (R761)', [status(2), status(0)], 1],
  [
    'dates, reminders, orders twice (R581, R634, R697, R706, R746, R777, R858, R869)',
    [
      status(2),
      followUp,
      ...dates(due, later),
      ...dates(),
      leaf(Tasks.ReminderSet, false),
      leaf(Tasks.ReminderSet, false),
      leaf(Tasks.ReminderTime, start),
      leaf(Tasks.ReminderTime, start),
      leaf(Tasks.OrdinalDate, start),
      leaf(Tasks.OrdinalDate, start),
      leaf(Tasks.SubOrdinalDate, 'a'),
      leaf(Tasks.SubOrdinalDate, 'b'),
    ],
    1,
  ],
  ['a Status that is none (R757)', [status(3), followUp], 6],
  ['a Status that is no number', [leaf(Email.Status, 'red'), followUp], 6],
  ['an active flag without FlagType (R92)', [status(2)], 6],
  ['the due date before the start (R407, R739)', [status(2), followUp, ...dates(later, due)], 6],
  ['one of four dates missing (R409, R741)', [status(2), followUp, ...dates().slice(0, 3)], 6],
  [
    'only UTC dates (R853, R864)',
    [status(2), followUp, leaf(Tasks.UtcStartDate, start), leaf(Tasks.UtcDueDate, due)],
    6,
  ],
  [
    'UTC dates the wrong way round (R851, R862)',
    [
      status(2),
      followUp,
      leaf(Tasks.StartDate, start),
      leaf(Tasks.DueDate, due),
      leaf(Tasks.UtcStartDate, later),
      leaf(Tasks.UtcDueDate, start),
    ],
    6,
  ],
  ['a reminder without its time (R702)', [status(2), followUp, leaf(Tasks.ReminderSet, true)], 6],
  ['complete without CompleteTime (R92, R334)', [status(1), leaf(Tasks.DateCompleted, due)], 6],
  ['complete without DateCompleted (R358)', [status(1), leaf(Email.CompleteTime, due)], 6],
  ['a date that is none', [status(2), followUp, leaf(Tasks.OrdinalDate, 'tomorrow')], 6],
  ['an element that no flag has', [status(2), followUp, leaf(Email.Subject, 'no')], 6],
];

/** Changes to other elements, and the status that they get. */
const changes: readonly (readonly [what: string, data: readonly Element[], status: number, since?: number])[] = [
  ['Read that is no boolean (R643)', [leaf(Email.Read, 'perhaps')], 6],
  ['ConversationId (R347)', [leaf(Email2.ConversationId, Buffer.from('0123456789abcdef'))], 6, 14],
  ['ReceivedAsBcc (R648)', [leaf(Email2.ReceivedAsBcc, true)], 6, 14],
  ['Sender (R723)', [leaf(Email2.Sender, 'bob@example.test')], 6, 14],
  [
    'elements that are sent in vain (MS-ASCMD R875)',
    [leaf(Email.Subject, 'other'), leaf(Email.To, 'x@example.test'), leaf(Email.Importance, 2), leaf(Email.Read, true)],
    1,
  ],
  [
    'a body that is sent in vain',
    [node(AirSyncBase.Body, leaf(AirSyncBase.Type, 1), leaf(AirSyncBase.Data, 'x')), leaf(Email.Read, true)],
    1,
  ],
  [
    'too many categories',
    [node(Email.Categories, ...Array.from({ length: 301 }, (_, n) => leaf(Email.Category, `${n}`)))],
    6,
    14,
  ],
];

const shapes = {
  everything: mail('everything', 'Hello', {
    From: '"On Behalf" <behalf@example.net>',
    Sender: '"Real Sender" <sender@example.net>',
    To: '"Arber, Anna" <ann@example.test>, ben@example.test',
    Cc: 'Cy <cy@example.test>, dee@example.test',
    'Reply-To': '"Desk, Help" <desk@example.net>, second@example.net',
    Importance: 'high',
    'Content-Type': 'text/plain; charset=iso-8859-15',
  }),
  bare: 'From: a@example.net\nMessage-ID: <bare@example.net>\n\nNo subject, no date.\n',
  own: mail('own', 'Hello', { From: 'same@example.net', Sender: 'same@example.net' }),
  reply: mail('RE: everything', 'Yes'),
};

for (const version of versions) {
  describe(`the Email class in Sync at ${version}`, () => {
    const at = Number(version);
    let session: SyncSession;
    let device: SyncDevice;
    let other: SyncDevice;
    before(async () => {
      session = await SyncSession.start([...Object.values(shapes), mail('changed'), mail('shared'), mail('moving')]);
      device = await session.device(version);
      other = await session.device('14.1');
    });
    after(() => session.close());

    async function item(subject: string, of = device): Promise<{ serverId: string; properties: Properties }> {
      const found = bySubject(await of.first()).get(subject);
      assert.ok(found, subject);
      return found;
    }

    async function change(of: SyncDevice, serverId: string, ...data: readonly Element[]): Promise<number> {
      const answer = await of.one({ commands: [{ kind: 'Change', serverId, data }], getChanges: false });
      return answer.replies.find((reply) => reply.serverId === serverId)?.status ?? 1;
    }

    it('tells addresses as the class writes them (R331, R400, R711, R726, R787)', async () => {
      const { properties } = await item('everything');
      assert.equal(properties['Email:From'], '"On Behalf" <behalf@example.net>');
      assert.equal(properties['Email:To'], '"Arber, Anna" <ann@example.test>, ben@example.test');
      assert.equal(properties['Email:Cc'], '"Cy" <cy@example.test>, dee@example.test');
      assert.equal(properties['Email:ReplyTo'], '"Desk, Help" <desk@example.net>; second@example.net');
      assert.equal(properties['Email:DisplayTo'], 'Arber, Anna; ben@example.test');
      assert.equal(properties['Email2:Sender'], at >= 14 ? '"Real Sender" <sender@example.net>' : undefined);
      const { properties: own } = await item('own');
      assert.equal(own['Email2:Sender'], undefined, 'R726: the same as From');
    });

    it('tells class, charset, importance, topic and native body (R342, R483, R496, R591)', async () => {
      const { properties } = await item('everything');
      assert.equal(properties['Email:ContentClass'], 'urn:content-classes:message');
      assert.equal(properties['Email:MessageClass'], 'IPM.Note');
      assert.equal(properties['Email:InternetCPID'], '28605');
      assert.equal(properties['Email:Importance'], '2');
      assert.equal(properties['AirSyncBase:NativeBodyType'], '1');
      assert.match(String(properties['Email:DateReceived']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      const { properties: reply } = await item('RE: everything');
      assert.equal(reply['Email:ThreadTopic'], 'everything');
    });

    it('gives elements their versions (MS-ASWBXML section 2.1.2.1.23; R318, R343, R350, R649, R1279)', async () => {
      const { properties } = await item('everything');
      const since = (version: number, value: unknown) => (at >= version ? value : undefined);
      assert.equal(properties['Email:Categories'], since(14, ''));
      assert.equal(properties['Email:Flag'], '', 'R439: an empty element');
      const id = properties['Email2:ConversationId'];
      const index = properties['Email2:ConversationIndex'];
      assert.equal(Buffer.isBuffer(id) ? id.length : undefined, since(14, 16));
      assert.equal(Buffer.isBuffer(index) ? index.length : undefined, since(14, 5));
      assert.equal(properties['Email2:IsDraft'], since(16, '0'));
      assert.equal(properties['Email2:ReceivedAsBcc'], undefined);
      assert.equal(properties['Email2:Bcc'], undefined);
    });

    it('leaves out what a message does not say', async () => {
      const { properties } = await item('');
      for (const name of ['To', 'Cc', 'ReplyTo', 'DisplayTo', 'ThreadTopic'])
        assert.equal(properties[`Email:${name}`], undefined, name);
      assert.equal(properties['Email:Importance'], '1');
    });

    for (const [what, flag, expected] of flags) {
      it(`answers ${what} with ${expected === 1 ? 'success' : 'Status 6 and keeps the mail as it was'}`, async () => {
        const { serverId } = await item('changed');
        assert.equal(await change(device, serverId, node(Email.Flag)), 1);
        assert.equal(await change(device, serverId, node(Email.Flag, ...flag)), expected);
        const { properties } = await item('changed');
        const kept = properties['Email:Flag'] as Properties;
        if (expected === 6 || flag.length === 0) assert.equal(kept, '');
        for (const element of expected === 1 && kept !== ('' as unknown) ? flag : []) {
          const last = flag.findLast(({ tag }) => tag === element.tag);
          assert.equal(kept[`${element.tag.namespace}:${element.tag.name}`], last?.content);
        }
      });
    }

    it('gives a flag the subject of the message and no reminder (R693, R1053)', async () => {
      const { serverId } = await item('changed');
      await change(device, serverId, node(Email.Flag, status(2), followUp));
      const flag = (await item('changed')).properties['Email:Flag'] as Properties;
      assert.equal(flag['Tasks:Subject'], 'changed');
      assert.equal(flag['Tasks:ReminderSet'], '0');
    });

    it('takes new parts of a flag for an update of the flag that is there (R90)', async () => {
      const { serverId } = await item('changed');
      await change(device, serverId, node(Email.Flag, status(2), followUp));
      assert.equal(await change(device, serverId, node(Email.Flag, leaf(Tasks.Subject, 'Renamed'))), 1);
      const flag = (await item('changed')).properties['Email:Flag'] as Properties;
      assert.equal(flag['Tasks:Subject'], 'Renamed');
      assert.equal(flag['Email:Status'], '2');
      await change(device, serverId, node(Email.Flag));
      assert.equal(await change(device, serverId, node(Email.Flag, leaf(Tasks.Subject, 'Of nothing'))), 6);
    });

    for (const [what, data, expected, since = 12.1] of changes) {
      if (at < since) continue;
      it(`answers ${what} with Status ${expected}`, async () => {
        const { serverId } = await item('changed');
        assert.equal(await change(device, serverId, ...data), expected);
        assert.equal((await item('changed')).properties['Email:To'], 'ann@example.test');
      });
    }

    it('changes what is sent and leaves the rest (MS-ASCMD R873, R5825, R5826; R319, R320, R640, R641)', async () => {
      const { serverId } = await item('changed');
      const seen = async () => {
        const { properties } = await item('changed');
        const flag = properties['Email:Flag'] as Properties;
        const names = listProperty(properties, 'Email:Categories/Email:Category').join();
        return `${properties['Email:Read']} ${flag['Email:Status'] ?? '-'} ${at >= 14 ? names : ''}`;
      };
      await change(device, serverId, leaf(Email.Read, false), node(Email.Flag));
      if (at >= 14)
        await change(
          device,
          serverId,
          node(Email.Categories, leaf(Email.Category, 'Red'), leaf(Email.Category, 'Blue')),
        );
      const names = at >= 14 ? 'Red,Blue' : '';
      assert.equal(await seen(), `0 - ${names}`);
      await change(device, serverId, leaf(Email.Read, true));
      assert.equal(await seen(), `1 - ${names}`);
      await change(device, serverId, node(Email.Flag, status(2), followUp));
      assert.equal(await seen(), `1 2 ${names}`);
      if (at >= 14) await change(device, serverId, node(Email.Categories));
      assert.equal(await seen(), '1 2 ');
      await change(device, serverId, leaf(Email.Read, false), node(Email.Flag));
      assert.equal(await seen(), '0 - ');
    });

    /** What the device hears after the other one did something to the mail. */
    async function heard(subject: string, ...steps: readonly (readonly Element[])[]): Promise<string[]> {
      const { serverId } = await item(subject, other);
      await change(other, serverId, leaf(Email.Read, false), node(Email.Flag), node(Email.Categories));
      await device.first();
      for (const data of steps) assert.equal(await change(other, serverId, ...data), 1);
      const answer = await device.sync();
      if (answer.kind === 'empty') return [];
      const { commands } = answer.collections[0] ?? { commands: [] };
      assert.ok(commands.length <= 1);
      if (commands.length === 0) return [];
      assert.equal(commands[0]?.kind, 'Change');
      return Object.keys(propertiesIn(answer.collections[0]!, serverId)).sort();
    }

    const categories = node(Email.Categories, leaf(Email.Category, 'Red'));
    const flagged = node(Email.Flag, status(2), followUp);
    const withCategories = (...names: string[]) => (at >= 14 ? ['Email:Categories', ...names] : names);

    it('tells of a mail only the parts that changed (R75, R76, R96, R100, R104, R10600, R10604, R10608, R10612)', async () => {
      assert.deepEqual(await heard('shared', [leaf(Email.Read, true)]), ['Email:Read']);
      assert.deepEqual(await heard('shared', [flagged]), ['Email:Flag']);
      assert.deepEqual(await heard('shared', [categories]), withCategories());
      assert.deepEqual(await heard('shared', [leaf(Email.Read, true), flagged]), ['Email:Flag', 'Email:Read']);
      assert.deepEqual(await heard('shared', [leaf(Email.Read, true)], [flagged]), ['Email:Flag', 'Email:Read']);
      assert.deepEqual(await heard('shared', [flagged], [categories]), withCategories('Email:Flag'));
      assert.deepEqual(await heard('shared', [categories], [leaf(Email.Read, true)]), withCategories('Email:Read'));
      const all = await heard('shared', [categories], [flagged], [leaf(Email.Read, true)]);
      assert.deepEqual(all, withCategories('Email:Flag', 'Email:Read'));
    });

    it('tells nothing when nothing changed in the end (R81)', async () => {
      assert.deepEqual(await heard('shared', [leaf(Email.Read, false)]), []);
    });

    it('tells of a moved mail all of it, as of a new one', async () => {
      const { serverId } = await item('moving', other);
      await device.first();
      await other.client.moveItems([{ serverId, from: other.folder(), to: other.folder(4) }]);
      assert.deepEqual(told(await device.one()), [`Delete ${serverId}`]);
    });

    it('loses no part while windows cut the changes short', async () => {
      const { serverId } = await item('shared', other);
      const { serverId: second } = await item('own', other);
      await change(other, serverId, leaf(Email.Read, false), node(Email.Flag), node(Email.Categories));
      await device.first();
      await change(other, second, leaf(Email.Read, true));
      await change(other, serverId, flagged);
      const one = await device.one({ windowSize: 1 });
      assert.deepEqual(told(one), [`Change ${second}`]);
      // The change of the flag moves behind what the device has reached.
      await change(other, second, leaf(Email.Read, false));
      await change(other, serverId, leaf(Email.Read, true));
      await device.one({ windowSize: 1 });
      const last = await device.one({ windowSize: 1 });
      assert.deepEqual(Object.keys(propertiesIn(last, serverId)).sort(), ['Email:Flag', 'Email:Read']);
    });

    it('refuses an Add of mail with Status 6 and its ClientId (MS-ASCMD R755, R955)', async () => {
      await device.first();
      const before = device.keys.get(device.folder());
      const answer = await device.one({
        commands: [{ kind: 'Add', clientId: 'c1', data: [leaf(Email.Subject, 'no')] }],
      });
      assert.notEqual(answer.syncKey, before);
      assert.deepEqual(
        answer.replies.map(({ kind, clientId, status }) => ({ kind, clientId, status })),
        [{ kind: 'Add', clientId: 'c1', status: 6 }],
      );
    });

    it('passes over elements that the mail does not know', async () => {
      const { serverId } = await item('changed');
      const data = el(A.ApplicationData, el(Tasks.Complete, '1'), el(Email.Read, '1'));
      const root = await device.rawCollection(el(A.Commands, el(A.Change, el(A.ServerId, serverId), data)));
      assert.equal(statusOf(root), 1);
      assert.equal((await item('changed')).properties['Email:Read'], '1');
    });
  });
}
