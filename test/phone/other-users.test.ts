// Ids of one mailbox mean nothing in another (design invariant: no request reaches another user's data).
import assert from 'node:assert/strict';
import {
  EasStatusError,
  HttpStatusError,
  leaf,
  listProperty,
  type Phone,
  type Properties,
  textProperty,
} from '../../src/client/index.ts';
import { Email } from '../../wbxml/index.ts';
import { letter, TestServer } from './test-server.ts';

describe("another user's ids", () => {
  let server: TestServer;
  let anna: Phone;
  let ben: Phone;
  let annasInbox: string;
  let annasItem: string;
  let annasFile: string;
  before(async () => {
    server = await TestServer.start();
    const withFile = letter(
      { 'Content-Type': 'multipart/mixed; boundary=b' },
      '--b\r\n\r\ntext\r\n--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nsecret\r\n--b--\r\n',
    );
    await server.deliver('anna', withFile);
    await server.deliver('ben', letter());
    anna = server.phone('anna');
    ben = server.phone('ben');
    for (const phone of [anna, ben]) {
      await phone.setUp();
      await phone.syncMail();
    }
    annasInbox = anna.folder(2).serverId;
    const [[serverId, item]] = [...anna.replica(annasInbox).items] as [[string, Properties]];
    annasItem = serverId;
    const [file] = listProperty(item, 'AirSyncBase:Attachments/AirSyncBase:Attachment') as readonly Properties[];
    annasFile = textProperty(file!, 'AirSyncBase:FileReference') ?? '';
  });
  after(() => server.close());

  it('name no folder of his', async () => {
    for (const id of anna.folders.keys()) {
      if (ben.folders.has(id)) continue;
      await assert.rejects(ben.sync(id), EasStatusError);
      const [estimate] = await ben.client.getItemEstimate([{ collectionId: id, syncKey: '1' }]);
      assert.notEqual(estimate?.status, 1);
      assert.notEqual((await ben.client.folderDelete(ben.folderSyncKey, id)).status, 1);
      const renamed = { serverId: id, parentId: '0', displayName: 'mine' };
      assert.notEqual((await ben.client.folderUpdate(ben.folderSyncKey, renamed)).status, 1);
      const folder = { parentId: id, displayName: 'mine', type: 12 };
      assert.notEqual((await ben.client.folderCreate(ben.folderSyncKey, folder)).status, 1);
      const ping = await ben.client.ping({ heartbeatInterval: 60, folders: [{ id, class: 'Email' }] });
      assert.equal(ping.status, 7);
      const { fetches, emptied } = await ben.client.emptyFolder(id);
      assert.ok(emptied[0] !== 1 && fetches.length === 0);
    }
  });

  it('name no item of his: to fetch, change, delete or move', async () => {
    const own = ben.folder(2).serverId;
    const { fetches } = await ben.client.fetch([
      { collectionId: annasInbox, serverId: annasItem },
      { collectionId: own, serverId: annasItem },
      { fileReference: annasFile },
    ]);
    for (const { status, octets } of fetches) {
      assert.notEqual(status, 1);
      assert.equal(octets, undefined);
    }
    const { replies } = await ben.sync(own, [
      { kind: 'Change', serverId: annasItem, data: [leaf(Email.Read, true)] },
      { kind: 'Fetch', serverId: annasItem },
    ]);
    for (const { status, properties } of replies) {
      assert.notEqual(status, 1);
      assert.deepEqual(properties, {});
    }
    await ben.sync(own, [{ kind: 'Delete', serverId: annasItem }]);
    for (const from of [annasInbox, own]) {
      const [reply] = await ben.move(from, ben.folder(4).serverId, [annasItem]);
      assert.notEqual(reply?.status, 3);
    }
    await anna.sync(annasInbox);
    assert.deepEqual([...anna.replica(annasInbox).items.keys()], [annasItem]);
    assert.equal(anna.replica(annasInbox).items.get(annasItem)?.['Email:Read'], '0');
  });

  it('open nothing without the password', async () => {
    const stranger = server.phone({ user: 'anna', password: 'secret of ben' });
    await assert.rejects(stranger.setUp(), (error) => error instanceof HttpStatusError && error.status === 401);
  });
});
