// ItemOperations against a real store: items, attachments, ranges, parts, emptied folders.
import assert from 'node:assert/strict';
import type { FolderId } from '../../src/protocol/ids.ts';
import {
  AirSync as A,
  AirSyncBase as B,
  DocumentLibrary,
  type Element,
  Email,
  ItemOperations as I,
  Search,
} from '../../wbxml/index.ts';
import { type Answer, allVersions, at, Bench, childrenOf, el, plainMessage, TestDevice, textAt } from './bench.ts';

const octets = Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * 7) % 256));

const withAttachments = [
  'From: Bob <bob@example.test>',
  'To: ann@example.test',
  'Subject: files',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain',
  '',
  'see the files',
  '--b',
  'Content-Type: application/octet-stream; name=data.bin',
  'Content-Disposition: attachment; filename=data.bin',
  'Content-Transfer-Encoding: base64',
  '',
  ...(octets.toString('base64').match(/.{1,76}/g) ?? []),
  '--b',
  'Content-Type: text/csv; name=list.csv',
  'Content-Disposition: attachment; filename=list.csv',
  '',
  'a;b;c;d;e',
  '--b',
  'Content-Type: text/plain; name=empty.txt',
  'Content-Disposition: attachment; filename=empty.txt',
  '',
  '--b--',
  '',
].join('\r\n');

const signed = Buffer.from(
  [
    'From: bob@example.test',
    'To: ann@example.test',
    'Subject: signed',
    'MIME-Version: 1.0',
    'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary=s',
    '',
    '--s',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    'Grüße  ',
    '--s',
    'Content-Type: application/pkcs7-signature; name=smime.p7s',
    'Content-Transfer-Encoding: base64',
    '',
    'MIIB',
    '--s--',
    '',
  ].join('\r\n'),
);

const mailbox = el(I.Store, 'Mailbox');

function fetchItem(serverId: string, collection: FolderId | string, ...options: Element[]): Element {
  const chosen = options.length === 0 ? undefined : el(I.Options, ...options);
  return el(I.Fetch, mailbox, el(A.CollectionId, String(collection)), el(A.ServerId, serverId), chosen);
}

function fetchFile(reference: string, ...options: Element[]): Element {
  const chosen = options.length === 0 ? undefined : el(I.Options, ...options);
  return el(I.Fetch, mailbox, el(B.FileReference, reference), chosen);
}

const mime = [el(A.MIMESupport, 2), el(B.BodyPreference, el(B.Type, 4))];

const fetchesOf = (root: Element) => childrenOf(at(root, I.Response) ?? root, I.Fetch);
const statusesOf = (root: Element) => fetchesOf(root).map((each) => textAt(each, I.Status));

async function operate(device: TestDevice, ...operations: Element[]): Promise<Element> {
  return device.ask('ItemOperations', el(I.ItemOperations, ...operations));
}

async function inParts(device: TestDevice, ...operations: Element[]): Promise<Answer & { root: Element }> {
  const answer = await device.send('ItemOperations', el(I.ItemOperations, ...operations), {
    query: { acceptMultiPart: true },
  });
  assert.ok(answer.root);
  return { ...answer, root: answer.root };
}

function properties(root: Element, index = 0): Element {
  return at(fetchesOf(root)[index] ?? assert.fail(), I.Properties) ?? assert.fail('no Properties');
}

function octetsAt(element: Element, ...path: Parameters<typeof textAt>[1][]): Buffer {
  const content = at(element, ...path)?.content;
  assert.ok(typeof content === 'string' || Buffer.isBuffer(content));
  return Buffer.isBuffer(content) ? content : Buffer.from(content);
}

describe('ItemOperations', () => {
  let bench: Bench;
  let device: TestDevice;
  let inbox: FolderId;
  beforeEach(async () => {
    bench = await Bench.open();
    device = bench.device(14.1);
    inbox = await bench.folder(2);
  });
  afterEach(() => bench.store.close());

  for (const version of allVersions) {
    it(`fetches items at ${version}, each with a status of its own (MS-ASCMD R194, R2947, R4153, R4158)`, async () => {
      device.version = version;
      const { serverId } = await bench.deliver(plainMessage('one', 'Whole text'), inbox);
      const root = await operate(
        device,
        fetchItem(serverId, inbox),
        fetchItem(`${inbox}:999999`, inbox),
        fetchItem(serverId, await bench.folder(4)),
        fetchItem('nonsense', inbox),
        el(I.Fetch, mailbox, el(A.ServerId, serverId)),
      );
      assert.equal(textAt(root, I.Status), '1');
      assert.deepEqual(statusesOf(root), ['1', '6', '6', '6', '1']);
      const [first] = fetchesOf(root);
      assert.equal(textAt(first!, A.CollectionId), String(inbox));
      assert.equal(textAt(first!, A.ServerId), serverId);
      assert.equal(textAt(first!, A.Class), 'Email');
      assert.equal(textAt(properties(root), Email.Subject), 'one');
      assert.match(textAt(properties(root), B.Body, B.Data) ?? '', /^Whole text/);
    });

    it(`gives an S/MIME message octet for octet at ${version} (MS-ASCMD R3360, R3363, R3366, R3367, R3368)`, async () => {
      device.version = version;
      const { serverId } = await bench.deliver(signed, inbox);
      const root = await operate(device, fetchItem(serverId, inbox, ...mime));
      const body = at(properties(root), B.Body) ?? assert.fail('no Body');
      assert.equal(textAt(body, B.Type), '4');
      assert.equal(textAt(body, B.EstimatedDataSize), String(signed.length));
      assert.ok(octetsAt(body, B.Data).equals(signed));
      const split = await inParts(device, fetchItem(serverId, inbox, ...mime));
      const bodyInPart = at(properties(split.root), B.Body) ?? assert.fail('no Body');
      assert.equal(at(bodyInPart, B.Data), undefined);
      assert.equal(textAt(bodyInPart, I.Part), '1');
      assert.ok(split.parts[0]?.equals(signed));
    });

    it(`fetches attachments at ${version}, in the answer (MS-ASCMD R234, R2130, R3716, R5503)`, async () => {
      device.version = version;
      const { serverId } = await bench.deliver(withAttachments, inbox);
      const root = await operate(device, fetchFile(`${serverId}:0`), fetchFile(`${serverId}:1`));
      assert.deepEqual(statusesOf(root), ['1', '1']);
      assert.ok(Buffer.from(textAt(properties(root), I.Data) ?? '', 'base64').equals(octets));
      assert.equal(Buffer.from(textAt(properties(root, 1), I.Data) ?? '', 'base64').toString(), 'a;b;c;d;e');
      assert.equal(textAt(properties(root, 1), B.ContentType), 'text/csv');
      for (const absent of [I.Range, I.Total, I.Part]) assert.equal(at(properties(root), absent), undefined);
    });

    it(`fetches attachments at ${version}, as parts (MS-ASCMD R236, R2302, R3633)`, async () => {
      device.version = version;
      const { serverId } = await bench.deliver(withAttachments, inbox);
      const { root, parts } = await inParts(device, fetchFile(`${serverId}:1`), fetchFile(`${serverId}:0`));
      assert.deepEqual(
        [0, 1].map((index) => textAt(properties(root, index), I.Part)),
        ['1', '2'],
      );
      assert.deepEqual(
        [0, 1].map((index) => at(properties(root, index), I.Data)),
        [undefined, undefined],
      );
      assert.equal(parts[0]?.toString(), 'a;b;c;d;e');
      assert.ok(parts[1]?.equals(octets));
    });
  }

  it('is multipart when asked to, even without parts', async () => {
    assert.deepEqual((await inParts(device, fetchFile('1:1:0'))).parts, []);
  });

  it('gives the range of an attachment that is asked for (MS-ASCMD R3711)', async () => {
    const { serverId } = await bench.deliver(withAttachments, inbox);
    const ranges: [file: number, range: string, answered: string, expected: Buffer, total: string][] = [
      [0, '0-99', '0-99', octets.subarray(0, 100), '1000'],
      [0, '990-2000', '990-999', octets.subarray(990), '1000'],
      [0, '5-5', '5-5', octets.subarray(5, 6), '1000'],
      [1, '2-4', '2-4', Buffer.from('b;c'), '9'],
    ];
    for (const [file, range, answered, expected, total] of ranges) {
      const root = await operate(device, fetchFile(`${serverId}:${file}`, el(I.Range, range)));
      assert.equal(textAt(properties(root), I.Range), answered);
      assert.equal(textAt(properties(root), I.Total), total);
      assert.ok(Buffer.from(textAt(properties(root), I.Data) ?? '', 'base64').equals(expected));
    }
  });

  it('answers 8 to a range that is none or beyond the end (MS-ASCMD R4160)', async () => {
    const { serverId } = await bench.deliver(withAttachments, inbox);
    for (const range of ['1000-1001', '5-4', 'x', '-5', '1-', '']) {
      assert.deepEqual(statusesOf(await operate(device, fetchFile(`${serverId}:0`, el(I.Range, range)))), ['8'], range);
    }
  });

  it('answers 15 for an attachment that there is not (MS-ASCMD R4166) and 10 for an empty one (R4162)', async () => {
    const { serverId } = await bench.deliver(withAttachments, inbox);
    const bobs = await bench.deliver(withAttachments, await bench.folder(2, bench.bob), bench.bob);
    const wrong = [`${serverId}:9`, '1:2:0', 'nonsense', '', `${bobs.serverId}:0`, `${serverId}:0:0`, `${serverId}:-1`];
    for (const reference of wrong) {
      const root = await operate(device, fetchFile(reference));
      assert.deepEqual(statusesOf(root), ['15'], reference);
      assert.equal(textAt(root, I.Status), '1');
    }
    assert.deepEqual(statusesOf(await operate(device, fetchFile(`${serverId}:2`))), ['10']);
  });

  it('gives only the properties of a Schema', async () => {
    const { serverId } = await bench.deliver(plainMessage('one'), inbox);
    const schema = el(I.Schema, el(Email.Subject), el(Email.From));
    const root = await operate(device, fetchItem(serverId, inbox, schema));
    assert.deepEqual(
      (properties(root).content as Element[]).map(({ tag }) => tag.name),
      ['From', 'Subject'],
    );
  });

  it('gives parts of bodies from 14.1 on; 164 for a type that they have not (MS-ASCMD R5412)', async () => {
    const { serverId } = await bench.deliver(plainMessage('one'), inbox);
    const part = (type: number) => el(B.BodyPartPreference, el(B.Type, type), el(B.TruncationSize, 100));
    const root = await operate(device, fetchItem(serverId, inbox, part(2)), fetchItem(serverId, inbox, part(3)));
    assert.deepEqual(statusesOf(root), ['1', '164']);
    assert.equal(textAt(properties(root), B.BodyPart, B.Status), '1');
  });

  it('answers 2 to what it cannot take (MS-ASCMD R4154, R765, R3547)', async () => {
    const { serverId } = await bench.deliver(withAttachments, inbox);
    const whole = [
      el(I.ItemOperations),
      el(I.ItemOperations, el(I.Fetch)),
      el(I.ItemOperations, el(I.Fetch, mailbox, el(B.FileReference, 'a'), el(B.FileReference, 'b'))),
      el(I.ItemOperations, fetchFile(`${serverId}:0`, el(I.DeleteSubFolders))),
      el(I.ItemOperations, el(I.EmptyFolderContents)),
    ];
    for (const sent of whole) {
      assert.deepEqual(await device.ask('ItemOperations', sent), el(I.ItemOperations, el(I.Status, 2)));
    }
    const twice = [el(B.BodyPreference, el(B.Type, 1)), el(B.BodyPreference, el(B.Type, 1))];
    const single = await operate(
      device,
      el(I.Fetch, mailbox),
      fetchFile(`${serverId}:0`, el(I.Schema, el(Email.Subject))),
      fetchItem(serverId, inbox, ...twice),
      fetchItem(serverId, inbox),
    );
    assert.deepEqual(statusesOf(single), ['2', '2', '2', '1']);
  });

  it('answers 9 for a store that it has not (MS-ASCMD R4161)', async () => {
    for (const store of ['Document Library', 'DocumentLibrary', 'Something']) {
      const fetch = el(I.Fetch, el(I.Store, store), el(DocumentLibrary.LinkId, '\\\\server\\share'));
      const root = await operate(device, fetch);
      assert.deepEqual([textAt(root, I.Status), ...statusesOf(root)], ['9', '9']);
    }
  });

  it('answers 6 for a LongId that no search gave', async () => {
    assert.deepEqual(statusesOf(await operate(device, el(I.Fetch, mailbox, el(Search.LongId, 'x')))), ['6']);
  });

  it('answers 11 to more than 100 operations (MS-ASCMD R7490) and to more than it can hold (R4163)', async () => {
    const many = Array.from({ length: 101 }, () => fetchFile('1:1:0'));
    assert.deepEqual(await operate(device, ...many), el(I.ItemOperations, el(I.Status, 11)));
    assert.equal(fetchesOf(await operate(device, ...many.slice(1))).length, 100);
    const { serverId } = await bench.deliver(plainMessage('large', 'x'.repeat(900_000)), inbox);
    const root = await operate(device, ...Array.from({ length: 3 }, () => fetchItem(serverId, inbox, ...mime)));
    assert.deepEqual(statusesOf(root), ['1', '1', '11']);
  });

  it('gives nothing of another mailbox', async () => {
    const { serverId } = await bench.deliver(withAttachments, inbox);
    const bob = new TestDevice(bench, bench.bob, 'device1', 14.1);
    const root = await operate(bob, fetchItem(serverId, inbox), fetchFile(`${serverId}:0`));
    assert.deepEqual(statusesOf(root), ['6', '15']);
  });

  describe('EmptyFolderContents', () => {
    const empty = (folder: FolderId | string, ...options: Element[]) =>
      el(I.EmptyFolderContents, el(A.CollectionId, String(folder)), el(I.Options, ...options));
    const emptied = (root: Element) =>
      childrenOf(at(root, I.Response) ?? root, I.EmptyFolderContents).map((each) => textAt(each, I.Status));

    for (const version of allVersions) {
      it(`deletes the items of a folder at ${version} and tells the device at its next Sync (MS-ASCMD R199)`, async () => {
        device.version = version;
        const first = await bench.deliver(plainMessage('one'), inbox);
        const second = await bench.deliver(plainMessage('two'), inbox);
        const key = await device.prime(inbox);
        assert.deepEqual(emptied(await operate(device, empty(inbox))), ['1']);
        const { told } = await device.sync(inbox, key);
        assert.deepEqual(told.sort(), [`Delete ${first.serverId}`, `Delete ${second.serverId}`].sort());
      });
    }

    it('deletes subfolders only when asked to (MS-ASCMD R2243, R2244)', async () => {
      const { mailboxes } = bench.store;
      const names = async () => (await mailboxes.folders(bench.ann.mailboxId)).map(({ name }) => name);
      await mailboxes.createFolder(bench.ann.mailboxId, { parentId: inbox, name: 'Below', type: 12 }, 0);
      await operate(device, empty(inbox));
      assert.ok((await names()).includes('Below'));
      assert.deepEqual(emptied(await operate(device, empty(inbox, el(I.DeleteSubFolders)))), ['1']);
      assert.ok(!(await names()).includes('Below'));
    });

    it('empties a large folder', async () => {
      for (let index = 0; index < 450; index++) await bench.deliver(plainMessage(`m${index}`), inbox);
      await operate(device, empty(inbox));
      const { changes } = await bench.store.mailboxes.changesAfter(bench.ann.mailboxId, inbox, 0, 1000);
      assert.ok(changes.every(({ kind }) => kind === 'tombstone'));
    });

    it('answers 6 for a folder that there is not', async () => {
      const root = await operate(device, empty('999999'), empty('RI'), empty(await bench.folder(2, bench.bob)));
      assert.deepEqual(emptied(root), ['6', '6', '6']);
    });
  });

  describe('Move', () => {
    const move = (destination: FolderId | string, always: boolean) =>
      el(
        I.Move,
        el(I.ConversationId, Buffer.from('0123456789abcdef')),
        el(I.DstFldId, String(destination)),
        always ? el(I.Options, el(I.MoveAlways)) : undefined,
      );
    const moved = (root: Element) =>
      childrenOf(at(root, I.Response) ?? root, I.Move).map((each) => textAt(each, I.Status));

    it('answers 155 without MoveAlways, 156 for a folder of no mail, 6 for a conversation not found (MS-ASCMD R3475, R4942)', async () => {
      assert.deepEqual(moved(await operate(device, move(inbox, false))), ['155']);
      assert.deepEqual(moved(await operate(device, move(await bench.folder(8), true))), ['156']);
      assert.deepEqual(moved(await operate(device, move('999999', true))), ['156']);
      assert.deepEqual(moved(await operate(device, move(inbox, true))), ['6']);
    });

    it('does not exist at 12.1 (MS-ASCMD R6842)', async () => {
      assert.equal(textAt(await operate(bench.device(12.1), move(inbox, true)), I.Status), '2');
    });
  });
});
