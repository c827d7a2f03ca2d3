// Ping against a real store: parameters, statuses, and what wakes it.
import assert from 'node:assert/strict';
import type { FolderId } from '../../src/protocol/ids.ts';
import { AirSync, type Element, FolderHierarchy as F, Ping as P } from '../../wbxml/index.ts';
import {
  allVersions,
  at,
  Bench,
  childrenOf,
  el,
  plainMessage,
  type Request,
  type TestDevice,
  textAt,
  until,
} from './bench.ts';

function request(heartbeat: number | undefined, folders: (FolderId | string)[] | undefined): Element {
  return el(
    P.Ping,
    heartbeat === undefined ? undefined : el(P.HeartbeatInterval, heartbeat),
    folders && el(P.Folders, ...folders.map((folder) => el(P.Folder, el(P.Id, String(folder)), el(P.Class, 'Email')))),
  );
}

const statusOf = (answer: Element) => textAt(answer, P.Status);

function foldersOf(answer: Element): string[] {
  const folders = at(answer, P.Folders);
  return folders === undefined ? [] : childrenOf(folders, P.Folder).map(({ content }) => String(content));
}

async function folderSync(device: TestDevice, key = '0'): Promise<string> {
  return textAt(await device.ask('FolderSync', el(F.FolderSync, el(F.SyncKey, key))), F.SyncKey) ?? '';
}

describe('Ping', () => {
  let bench: Bench;
  let device: TestDevice;
  let inbox: FolderId;
  let deleted: FolderId;
  let hierarchyKey: string;
  beforeEach(async () => {
    bench = await Bench.open();
    device = bench.device(14.1);
    inbox = await bench.folder(2);
    deleted = await bench.folder(4);
    hierarchyKey = await folderSync(device);
  });
  afterEach(() => bench.store.close());

  const held = (count: number) => until(() => bench.services.held.count === count);
  const ping = (sent: Element | undefined, options: Request = {}) => device.ask('Ping', sent, options);
  /** Bounds that let a Ping expire within the test. */
  const brief: Request = { settings: { minimumHeartbeat: 0 } };

  for (const version of allVersions) {
    it(`wakes at ${version} for mail in a watched folder and names it (MS-ASCMD R306, R4235, R4236, R5636)`, async () => {
      device.version = version;
      const key = await device.prime(inbox);
      await device.prime(deleted);
      const answer = ping(request(300, [inbox, deleted]));
      await held(1);
      await bench.deliver(plainMessage('news'), inbox);
      assert.equal(statusOf(await answer), '2');
      assert.deepEqual(foldersOf(await answer), [String(inbox)]);
      assert.equal(bench.services.held.count, 0);
      assert.equal((await device.sync(inbox, key)).told.length, 1);
    });
  }

  it('answers 1 when the heartbeat is over, and never nothing (MS-ASCMD R4233)', async () => {
    await device.prime(inbox);
    const answer = await ping(request(0, [inbox]), brief);
    assert.deepEqual(answer, el(P.Ping, el(P.Status, 1)));
  });

  it('answers at once when the device lacks something already', async () => {
    await device.prime(inbox);
    await bench.deliver(plainMessage('news'), inbox);
    assert.equal(statusOf(await ping(request(300, [inbox]))), '2');
    const first = await device.sync(deleted, '0');
    assert.ok(first.key);
    assert.equal(statusOf(await ping(request(0, [deleted]), brief)), '1');
  });

  it('sleeps on when another folder changes, or the device itself changes something', async () => {
    const { serverId } = await bench.deliver(plainMessage('one'), inbox);
    const key = await device.prime(inbox);
    const answer = ping(request(300, [inbox]));
    await held(1);
    await bench.deliver(plainMessage('elsewhere'), deleted);
    const remove = el(AirSync.Commands, el(AirSync.Delete, el(AirSync.ServerId, serverId)));
    await device.sync(inbox, key, remove);
    await bench.deliver(plainMessage('news'), inbox);
    assert.equal(statusOf(await answer), '2');
  });

  it('expects nothing of a folder that was never synchronized', async () => {
    await bench.deliver(plainMessage('news'), inbox);
    assert.equal(statusOf(await ping(request(0, [inbox]), brief)), '1');
  });

  it('does not wake because a filter moved on', async () => {
    await bench.deliver(plainMessage('old'), inbox);
    await device.prime(inbox, el(AirSync.Options, el(AirSync.FilterType, 1)));
    const services = { ...bench.services, now: () => Date.now() + 3 * 86_400_000 };
    Object.assign(bench, { services });
    assert.equal(statusOf(await ping(request(0, [inbox]), brief)), '1');
  });

  describe('takes its parameters', () => {
    it('from the request before, one by one or all (MS-ASCMD R335, R322, R5836, R5831, R5832)', async () => {
      await device.prime(inbox);
      assert.equal(statusOf(await ping(request(undefined, [inbox]))), '3', 'R4240, R4241');
      assert.equal(statusOf(await ping(request(300, undefined))), '3');
      assert.equal(statusOf(await ping(undefined)), '3');
      assert.equal(statusOf(await ping(el(P.Ping))), '3');
      await bench.deliver(plainMessage('news'), inbox);
      assert.equal(statusOf(await ping(request(300, [inbox]))), '2');
      for (const sent of [undefined, el(P.Ping), request(undefined, [inbox]), request(400, undefined)]) {
        const answer = await ping(sent);
        assert.equal(statusOf(answer), '2');
        assert.deepEqual(foldersOf(answer), [String(inbox)]);
      }
      assert.equal(JSON.parse((await device.partnership()).pingParameters).heartbeat, 400);
    });

    it('with an empty list of folders as if it had none', async () => {
      await device.prime(inbox);
      await bench.deliver(plainMessage('news'), inbox);
      await ping(request(300, [inbox]));
      assert.equal(statusOf(await ping(request(300, []))), '2');
    });
  });

  it('answers 5 with the bound for a heartbeat out of range (MS-ASCMD R4249, R5837, R5690, R5691)', async () => {
    for (const [heartbeat, bound] of [
      [59, '60'],
      [0, '60'],
      [-5, '60'],
      [3541, '3540'],
    ] as const) {
      const answer = await ping(request(heartbeat, [inbox]));
      assert.equal(statusOf(answer), '5');
      assert.equal(textAt(answer, P.HeartbeatInterval), bound);
    }
    assert.equal((await device.partnership()).pingParameters, '');
  });

  it('answers 6 with the number for too many folders (MS-ASCMD R4254, R3259)', async () => {
    for (const count of [201, 10_000]) {
      const answer = await ping(
        request(
          300,
          Array.from({ length: count }, (_, index) => String(index + 1)),
        ),
      );
      assert.equal(statusOf(answer), '6');
      assert.equal(textAt(answer, P.MaxFolders), '200');
    }
  });

  it('answers 4 to what is malformed and to a folder named twice (MS-ASCMD R4244, R6699)', async () => {
    const malformed = [
      el(P.Ping, el(P.HeartbeatInterval, 'soon')),
      el(P.Ping, el(P.Status, 1)),
      el(P.Ping, el(P.Folders, el(P.Folder, el(P.Id, String(inbox))))),
      request(300, [inbox, inbox]),
    ];
    for (const sent of malformed) assert.equal(statusOf(await ping(sent)), '4');
  });

  describe('answers 7', () => {
    it('for a folder that there is not (MS-ASCMD R4257, R4258)', async () => {
      assert.equal(statusOf(await ping(request(300, ['999999']))), '7');
      assert.equal(statusOf(await ping(request(300, ['nonsense']))), '7');
      assert.equal(statusOf(await ping(request(300, [await bench.folder(2, bench.bob)]))), '7');
    });

    it('before the first FolderSync', async () => {
      const fresh = bench.device(14.1, 'fresh');
      assert.equal(statusOf(await fresh.ask('Ping', request(300, [inbox]))), '7');
    });

    it('when the hierarchy changes meanwhile, and goes on after FolderSync', async () => {
      await device.prime(inbox);
      const answer = ping(request(300, [inbox]));
      await held(1);
      await bench.store.mailboxes.createFolder(bench.ann.mailboxId, { parentId: 0, name: 'New', type: 12 }, 0);
      assert.equal(statusOf(await answer), '7');
      assert.equal(statusOf(await ping(undefined)), '7');
      await folderSync(device, hierarchyKey);
      assert.equal(statusOf(await ping(request(0, [inbox]), brief)), '1');
    });

    it('but not for a folder that the device made itself', async () => {
      await device.prime(inbox);
      const fields = [el(F.ParentId, '0'), el(F.DisplayName, 'Own'), el(F.Type, 12)];
      await device.ask('FolderCreate', el(F.FolderCreate, el(F.SyncKey, hierarchyKey), ...fields));
      assert.equal(statusOf(await ping(request(0, [inbox]), brief)), '1');
    });
  });

  it('gives way to a newer one of the same device, not to that of another', async () => {
    const other = bench.device(14.1, 'other');
    await folderSync(other);
    await device.prime(inbox);
    await other.prime(inbox);
    const older = ping(request(300, [inbox]));
    const others = other.ask('Ping', request(300, [inbox]));
    await held(2);
    const newer = ping(request(300, [inbox]));
    assert.equal(statusOf(await older), '1');
    await held(2);
    await bench.deliver(plainMessage('news'), inbox);
    assert.deepEqual([statusOf(await newer), statusOf(await others)], ['2', '2']);
  });

  it('ends when the client goes away', async () => {
    await device.prime(inbox);
    const client = new AbortController();
    const answer = ping(request(300, [inbox]), { signal: client.signal });
    await held(1);
    client.abort();
    await answer;
    assert.equal(bench.services.held.count, 0);
  });
});
