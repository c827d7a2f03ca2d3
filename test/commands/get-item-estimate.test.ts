// GetItemEstimate against a real store.
import assert from 'node:assert/strict';
import type { FolderId } from '../../src/protocol/ids.ts';
import { AirSync as A, type Element, GetItemEstimate as G } from '../../wbxml/index.ts';
import { allVersions, at, Bench, childrenOf, el, plainMessage, type TestDevice, textAt } from './bench.ts';

function collection(key: string, id: FolderId | string, ...more: Element[]): Element {
  return el(G.Collection, el(A.SyncKey, key), el(G.CollectionId, String(id)), ...more);
}

const options = (filterType?: number, contentClass?: string) =>
  el(
    A.Options,
    filterType === undefined ? undefined : el(A.FilterType, filterType),
    contentClass === undefined ? undefined : el(A.Class, contentClass),
  );

const requestOf = (...collections: Element[]) => el(G.GetItemEstimate, el(G.Collections, ...collections));

async function estimate(device: TestDevice, ...collections: Element[]): Promise<string[]> {
  const answer = await device.ask('GetItemEstimate', requestOf(...collections));
  const whole = textAt(answer, G.Status);
  if (whole !== undefined) return [`all ${whole}`];
  return childrenOf(answer, G.Response).map((response) => {
    const count = at(response, G.Collection, G.Estimate);
    return `${textAt(response, G.Status)}${count === undefined ? '' : ` ${count.content}`}`;
  });
}

describe('GetItemEstimate', () => {
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
    it(`counts what the next Sync gives at ${version} (MS-ASCMD R171, R4134, R2999)`, async () => {
      device.version = version;
      for (const subject of ['one', 'two', 'three']) await bench.deliver(plainMessage(subject), inbox);
      const { key } = await device.sync(inbox, '0');
      assert.deepEqual(await estimate(device, collection(key, inbox)), ['1 3']);
      const done = await device.prime(inbox);
      assert.deepEqual(await estimate(device, collection(done, inbox)), ['1 0']);
      await bench.deliver(plainMessage('four'), inbox);
      assert.deepEqual(await estimate(device, collection(done, inbox)), ['1 1']);
      assert.deepEqual(await estimate(device, collection(done, inbox)), ['1 1'], 'asking changes nothing (R4591)');
    });
  }

  it('takes Class and FilterType of a collection at 12.1, and not later (MS-ASCMD R6313, R6314)', async () => {
    await bench.deliver(plainMessage('one'), inbox);
    const { key } = await device.sync(inbox, '0');
    const sent = el(
      G.Collection,
      el(G.Class, 'Email'),
      el(G.CollectionId, String(inbox)),
      el(A.FilterType, 2),
      el(A.SyncKey, key),
    );
    assert.deepEqual(await estimate(bench.device(12.1), sent), ['1 1']);
    assert.deepEqual(await estimate(device, sent), ['all 103']);
  });

  it('counts within the filter (MS-ASCMD R2967, R2969, R2970)', async () => {
    const old = { ...bench.services, now: () => Date.now() + 5 * 86_400_000 };
    await bench.deliver(plainMessage('one'), inbox);
    const { key } = await device.sync(inbox, '0');
    Object.assign(bench, { services: old });
    assert.deepEqual(await estimate(device, collection(key, inbox, options(2))), ['1 0']);
    assert.deepEqual(await estimate(device, collection(key, inbox, options(3))), ['1 1']);
    assert.deepEqual(await estimate(device, collection(key, inbox)), ['1 1']);
  });

  it('counts beyond 512 only when Options are given (MS-ASCMD R3543)', async function () {
    this.timeout(60_000);
    const { key } = await device.sync(inbox, '0');
    for (let index = 0; index < 600; index++) await bench.deliver(plainMessage(`m${index}`), inbox);
    const fresh = (await device.sync(inbox, '0')).key;
    assert.notEqual(fresh, key);
    assert.deepEqual(await estimate(device, collection(fresh, inbox)), ['1 512']);
    assert.deepEqual(await estimate(device, collection(fresh, inbox, options(0))), ['1 600']);
  });

  it('answers each collection with a status of its own (MS-ASCMD R4130)', async () => {
    const other = await bench.folder(5);
    const { key } = await device.sync(inbox, '0');
    assert.deepEqual(
      await estimate(
        device,
        collection('1', '999999'),
        collection('1', 'nonsense'),
        collection('1', await bench.folder(2, bench.bob)),
        collection('1', other),
        collection('0', inbox),
        collection(`${key}0`, inbox),
        collection('x', inbox),
        collection(key, inbox),
      ),
      [
        '2', // MS-ASCMD R4135, R4136
        '2',
        '2',
        '3', // MS-ASCMD R4139, R4140
        '3',
        '4', // MS-ASCMD R4142, R4594
        '4',
        '1 0',
      ],
    );
  });

  it('answers 4 to classes that cannot go together (MS-ASCMD R907, R908)', async () => {
    const { key } = await device.sync(inbox, '0');
    const together = (...classes: string[]) => collection(key, inbox, ...classes.map((name) => options(0, name)));
    assert.deepEqual(await estimate(device, together('Email', 'SMS')), ['1 0']);
    for (const classes of [['Email', 'Calendar'], ['Tasks', 'Notes'], ['Contacts'], ['Email', 'Email']]) {
      assert.deepEqual(await estimate(device, together(...classes)), ['4'], classes.join());
    }
  });

  const filters: [type: number, name: string, good: number[]][] = [
    [2, 'email (MS-ASCMD R2999-R3007)', [0, 1, 2, 3, 4, 5]],
    [8, 'calendar (MS-ASCMD R3008-R3016)', [0, 4, 5, 6, 7]],
    [7, 'tasks (MS-ASCMD R3017-R3025)', [0, 8]],
    [9, 'contacts (MS-ASCMD R2973)', [0, 1, 2, 3, 4, 5, 6, 7, 8]],
  ];
  for (const [type, name, good] of filters) {
    it(`knows the filters of ${name}: 110 for others, 103 for what is none (MS-ASCMD R2984)`, async () => {
      const folder = await bench.folder(type);
      const { key } = await device.sync(folder, '0');
      for (let filter = 0; filter <= 9; filter++) {
        const expected = good.includes(filter) ? '1 0' : filter < 9 ? 'all 110' : 'all 103';
        assert.deepEqual(await estimate(device, collection(key, folder, options(filter))), [expected], `${filter}`);
      }
    });
  }

  it('answers 103 to ConversationMode outside mail (MS-ASCMD R2100) and 2 to MaxItems (R3269)', async () => {
    const contacts = await bench.folder(9);
    const mode = el(A.ConversationMode, 1);
    assert.deepEqual(await estimate(device, collection('1', contacts, mode)), ['all 103']);
    const { key } = await device.sync(inbox, '0');
    assert.deepEqual(await estimate(device, collection(key, inbox, mode)), ['1 0']);
    assert.deepEqual(await estimate(device, collection(key, inbox, el(A.Options, el(A.MaxItems, 5)))), ['2']);
  });

  it('answers 103 to more than 1000 collections and to none (MS-ASCMD R5647), by HTTP at 12.1 (R7547)', async () => {
    const many = Array.from({ length: 1001 }, () => collection('1', '999999'));
    for (const sent of [requestOf(...many), requestOf(), el(G.GetItemEstimate)]) {
      const answer = await device.ask('GetItemEstimate', sent);
      assert.deepEqual(answer, el(G.GetItemEstimate, el(G.Status, 103)));
      assert.equal((await bench.device(12.1).send('GetItemEstimate', sent)).status, 400);
    }
    assert.equal((await estimate(device, ...many.slice(1))).length, 1000);
  });

  it('answers DeviceId validate that nothing was begun', async () => {
    assert.deepEqual(await estimate(bench.device(14.1, 'validate'), collection('1', inbox)), ['3']);
  });
});
