// Answers that never arrive, requests that come twice or at once (MS-ASCMD section 3.1.5.3, Synchronizing Inbox, Calendar, Contacts, and Tasks Folders).
import assert from 'node:assert/strict';
import { EasStatusError, leaf, type Phone, type SyncCommand, textProperty } from '../../src/client/index.ts';
import { Email } from '../../wbxml/index.ts';
import { letter, TestServer } from './test-server.ts';

const read = (serverId: string): SyncCommand => ({ kind: 'Change', serverId, data: [leaf(Email.Read, true)] });

describe('lost answers', () => {
  let server: TestServer;
  let phone: Phone;
  let inbox: string;
  beforeEach(async () => {
    server = await TestServer.start();
    for (let count = 0; count < 5; count++) await server.deliver('anna', letter());
    phone = server.phone('anna');
    await phone.setUp();
    inbox = phone.folder(2).serverId;
    await phone.sync(inbox);
  });
  afterEach(() => server.close());
  const ids = () => [...phone.replica(inbox).items.keys()];
  /** What a device that starts from nothing sees: read or not, by id. */
  const truth = async () => {
    const fresh = server.phone('anna');
    await fresh.setUp();
    await fresh.sync(inbox);
    return new Map([...fresh.replica(inbox).items].map(([id, item]) => [id, textProperty(item, 'Email:Read')]));
  };
  const held = () =>
    new Map([...phone.replica(inbox).items].map(([id, item]) => [id, textProperty(item, 'Email:Read')]));

  it('a request repeated with its old key is answered as before and done once', async () => {
    const [first = '', second = ''] = ids();
    const commands: SyncCommand[] = [read(first), { kind: 'Delete', serverId: second }];
    const request = phone.prepare(inbox, commands, { deletesAsMoves: true });
    await server.deliver('anna', letter());
    await phone.client.sync({ collections: [request] });
    const again = await phone.client.sync({ collections: [request] });
    assert.equal(phone.absorb(request, again).added.length, 1);
    await phone.sync(inbox);
    assert.deepEqual(held(), await truth());
    const trash = phone.folder(4).serverId;
    await phone.sync(trash);
    assert.equal(phone.replica(trash).items.size, 1);
  });

  it('a change whose answer is lost and that is not repeated comes back to the device', async () => {
    const [first = ''] = ids();
    await phone.client.sync({ collections: [phone.prepare(inbox, [read(first)])] });
    await phone.sync(inbox);
    assert.deepEqual(held(), await truth());
  });

  it('a deletion whose answer is lost and that is not repeated comes back to the device', async () => {
    const [first = ''] = ids();
    await phone.client.sync({ collections: [phone.prepare(inbox, [{ kind: 'Delete', serverId: first }])] });
    await phone.sync(inbox);
    assert.deepEqual(held(), await truth());
  });

  it('an item that came in a lost answer and is gone at the repetition is never mentioned', async () => {
    await server.deliver('anna', letter());
    const request = phone.prepare(inbox);
    const lost = await phone.client.sync({ collections: [request] });
    const added = lost.kind === 'answer' ? lost.collections[0]?.commands[0] : undefined;
    const other = server.phone('anna');
    await other.setUp();
    await other.sync(inbox);
    await other.sync(inbox, [{ kind: 'Delete', serverId: added?.serverId ?? '' }], { deletesAsMoves: false });
    await phone.sync(inbox);
    assert.deepEqual(held(), await truth());
  });

  it('a key two answers old is refused with Status 3, and starting again from 0 gives everything once', async () => {
    const { syncKey } = phone.replica(inbox);
    for (let count = 0; count < 2; count++) {
      await server.deliver('anna', letter());
      await phone.sync(inbox);
    }
    phone.replica(inbox).syncKey = syncKey;
    await assert.rejects(phone.sync(inbox), (error) => error instanceof EasStatusError && error.status === 3);
    await phone.sync(inbox);
    assert.deepEqual(held(), await truth());
  });

  it('FolderSync 0 keeps the ids of folders and the keys of collections (new Gmail does it at every refresh)', async () => {
    const before = new Map(phone.folders);
    phone.folderSyncKey = '0';
    await phone.syncFolders();
    assert.deepEqual(phone.folders, before);
    await server.deliver('anna', letter());
    assert.equal((await phone.sync(inbox)).added.length, 1);
  });

  it('a FolderCreate that is repeated makes one folder', async () => {
    const key = phone.folderSyncKey;
    const folder = { parentId: '0', displayName: 'Made once', type: 12 };
    const first = await phone.client.folderCreate(key, folder);
    const second = await phone.client.folderCreate(key, folder);
    assert.equal(first.serverId, second.serverId);
    phone.absorbNewFolder(folder, second);
    await phone.syncFolders();
    assert.equal([...phone.folders.values()].filter(({ displayName }) => displayName === 'Made once').length, 1);
  });

  it('a SendMail that is repeated sends once', async () => {
    const mail = { clientId: 'once', mime: Buffer.from(letter({ From: 'anna@conversation.example' })) };
    assert.equal(await phone.client.sendMail(mail), 1);
    assert.equal(await phone.client.sendMail(mail), 118);
    assert.equal((await phone.sync(inbox)).added.length, 1);
  });

  it('parallel requests: the same Sync five times at once does its work once', async () => {
    const [first = '', second = ''] = ids();
    const request = phone.prepare(inbox, [read(first), { kind: 'Delete', serverId: second }]);
    const answers = await Promise.all(Array.from({ length: 5 }, () => phone.client.sync({ collections: [request] })));
    const last = answers.find((answer) => answer.kind === 'answer' && answer.status === 1);
    assert.ok(last !== undefined);
    // Which of the answers arrives last is chance; the device keeps one and goes on.
    const newest = answers
      .flatMap((answer) => (answer.kind === 'answer' ? answer.collections : []))
      .reduce((a, b) => (Number(b.syncKey) > Number(a.syncKey) ? b : a));
    phone.absorbCollection(newest, request.commands);
    await phone.sync(inbox);
    assert.deepEqual(held(), await truth());
  });

  it('parallel requests: many folders, many devices, mail coming in', async () => {
    const phones = Array.from({ length: 4 }, () => server.phone('anna'));
    await Promise.all([
      ...phones.map(async (each) => {
        await each.setUp();
        for (let round = 0; round < 5; round++) await each.syncMail();
      }),
      ...Array.from({ length: 10 }, () => server.deliver('anna', letter())),
    ]);
    const expected = await truth();
    for (const each of phones) {
      await each.syncMail();
      assert.deepEqual([...each.replica(inbox).items.keys()].sort(), [...expected.keys()].sort());
    }
  });
});
