// MoveItems against a real store, and what Sync tells afterwards.
import assert from 'node:assert/strict';
import type { FolderId } from '../../src/protocol/ids.ts';
import { type Element, Move as M } from '../../wbxml/index.ts';
import { allVersions, Bench, childrenOf, el, plainMessage, TestDevice, textAt } from './bench.ts';

function move(serverId: string, from: FolderId | string, ...to: (FolderId | string)[]): Element {
  const destinations = to.map((each) => el(M.DstFldId, String(each)));
  return el(M.Move, el(M.SrcMsgId, serverId), el(M.SrcFldId, String(from)), ...destinations);
}

async function moveItems(device: TestDevice, ...moves: Element[]): Promise<Element[]> {
  return childrenOf(await device.ask('MoveItems', el(M.MoveItems, ...moves)), M.Response);
}

const statuses = (responses: Element[]) => responses.map((each) => textAt(each, M.Status));

describe('MoveItems', () => {
  let bench: Bench;
  let device: TestDevice;
  let inbox: FolderId;
  let deleted: FolderId;
  let junk: FolderId;
  beforeEach(async () => {
    bench = await Bench.open();
    device = bench.device(14.1);
    inbox = await bench.folder(2);
    deleted = await bench.folder(4);
    const folders = await bench.store.mailboxes.folders(bench.ann.mailboxId);
    junk = folders.find(({ type }) => type === 12)?.id ?? assert.fail('no mail folder');
  });
  afterEach(() => bench.store.close());

  for (const version of allVersions) {
    it(`moves at ${version} and gives the new id (MS-ASCMD R285, R290, R3977, R4217, R5870, R5879, R5882)`, async () => {
      device.version = version;
      const one = await bench.deliver(plainMessage('one'), inbox);
      const two = await bench.deliver(plainMessage('two'), inbox);
      const responses = await moveItems(device, move(one.serverId, inbox, deleted), move(two.serverId, inbox, junk));
      assert.deepEqual(statuses(responses), ['3', '3']);
      assert.deepEqual(
        responses.map((each) => textAt(each, M.SrcMsgId)),
        [one.serverId, two.serverId],
      );
      const moved = textAt(responses[0]!, M.DstMsgId)!;
      assert.ok(moved.startsWith(`${deleted}:`) && moved.length <= 64);
      const items = await bench.store.mailboxes.item(bench.ann.mailboxId, Number(moved.split(':')[1]) as typeof one.id);
      assert.equal(items?.folderId, deleted);
      assert.equal(await bench.store.mailboxes.item(bench.ann.mailboxId, one.id), undefined);
    });
  }

  it('answers each move with a status of its own', async () => {
    const { serverId } = await bench.deliver(plainMessage('one'), inbox);
    const other = await bench.deliver(plainMessage('two'), inbox);
    const responses = await moveItems(
      device,
      move(serverId, inbox, inbox),
      move(serverId, inbox, deleted, junk),
      move(serverId, '999999', deleted),
      move(serverId, 'abc', deleted),
      move(serverId, junk, deleted),
      move(`${inbox}:999999`, inbox, deleted),
      move('nonsense', inbox, deleted),
      move(serverId, inbox, '999999'),
      move(serverId, inbox),
      move(other.serverId, inbox, deleted),
    );
    assert.deepEqual(statuses(responses), [
      '4', // MS-ASCMD R4219
      '5', // MS-ASCMD R4222
      '1', // MS-ASCMD R4207
      '1',
      '1',
      '1',
      '1',
      '2', // MS-ASCMD R4212
      '2',
      '3',
    ]);
  });

  it('answers 1 for an item that was moved away already (MS-ASCMD R4208)', async () => {
    const { serverId } = await bench.deliver(plainMessage('one'), inbox);
    const again = move(serverId, inbox, deleted);
    assert.deepEqual(statuses(await moveItems(device, again, again)), ['3', '1']);
    assert.deepEqual(statuses(await moveItems(device, again)), ['1']);
  });

  it('moves mail into folders of mail and Deleted Items only', async () => {
    const { serverId } = await bench.deliver(plainMessage('one'), inbox);
    for (const type of [7, 8, 9, 10]) {
      assert.deepEqual(statuses(await moveItems(device, move(serverId, inbox, await bench.folder(type)))), ['2']);
    }
    assert.deepEqual(statuses(await moveItems(device, move(serverId, inbox, deleted))), ['3']);
  });

  it('moves nothing of another mailbox', async () => {
    const { serverId, id } = await bench.deliver(plainMessage('one'), inbox);
    const bob = new TestDevice(bench, bench.bob, 'device1', 14.1);
    const bobsInbox = await bench.folder(2, bench.bob);
    const responses = await moveItems(bob, move(serverId, inbox, bobsInbox), move(serverId, bobsInbox, inbox));
    assert.deepEqual(statuses(responses), ['1', '2']);
    assert.equal((await bench.store.mailboxes.item(bench.ann.mailboxId, id))?.folderId, inbox);
  });

  it('tells the device of a Delete and an Add at the next Sync (MS-ASCMD R289)', async () => {
    const { serverId } = await bench.deliver(plainMessage('one'), inbox);
    const keys = new Map<FolderId, string>();
    for (const folder of [inbox, deleted]) {
      keys.set(folder, await device.prime(folder));
    }
    const [response] = await moveItems(device, move(serverId, inbox, deleted));
    assert.deepEqual((await device.sync(inbox, keys.get(inbox)!)).told, [`Delete ${serverId}`]);
    const moved = textAt(response!, M.DstMsgId);
    assert.deepEqual((await device.sync(deleted, keys.get(deleted)!)).told, [`Add ${moved}`]);
  });

  it('does not tell Outlook for Windows, which would show the item twice', async () => {
    const outlook = bench.device(14, 'outlook', 'WindowsOutlook15');
    const { serverId } = await bench.deliver(plainMessage('one'), inbox);
    const keys = new Map<FolderId, string>();
    for (const folder of [inbox, deleted]) {
      keys.set(folder, await outlook.prime(folder));
    }
    await moveItems(outlook, move(serverId, inbox, deleted));
    for (const folder of [inbox, deleted]) {
      assert.deepEqual((await outlook.sync(folder, keys.get(folder)!)).told, []);
    }
  });

  it('answers 103 to more than 1000 moves and to none (MS-ASCMD R5653), by HTTP at 12.1 (R7547)', async () => {
    const many = Array.from({ length: 1001 }, () => move(`${inbox}:1`, inbox, deleted));
    for (const moves of [many, []]) {
      const answer = await device.ask('MoveItems', el(M.MoveItems, ...moves));
      assert.deepEqual(answer, el(M.MoveItems, el(M.Status, 103)));
      const old = await bench.device(12.1).send('MoveItems', el(M.MoveItems, ...moves));
      assert.equal(old.status, 400);
    }
    assert.equal((await moveItems(device, ...many.slice(1))).length, 1000);
  });
});
