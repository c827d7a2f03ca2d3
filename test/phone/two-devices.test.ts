// Two devices of one user, at different versions, that read, flag, categorise, delete and move the same mail (MS-ASCMD section 2.2.1.21, Sync).
import assert from 'node:assert/strict';
import {
  leaf,
  listProperty,
  node,
  type Phone,
  type SyncCommand,
  textProperty,
  versions,
} from '../../src/client/index.ts';
import { type Element, Email } from '../../wbxml/index.ts';
import { letter, TestServer } from './test-server.ts';

const change = (serverId: string, ...data: readonly Element[]): SyncCommand => ({ kind: 'Change', serverId, data });

for (const [index, version] of versions.entries()) {
  const otherVersion = versions[(index + 2) % versions.length]!;
  describe(`two devices, at ${version} and ${otherVersion}`, () => {
    let server: TestServer;
    let one: Phone;
    let other: Phone;
    let inbox: string;
    before(async () => {
      server = await TestServer.start();
    });
    after(() => server.close());
    // Every test with phones of its own.
    beforeEach(async () => {
      for (let count = 0; count < 4; count++) await server.deliver('anna', letter());
      one = server.phone('anna', { version });
      other = server.phone('anna', { version: otherVersion });
      for (const phone of [one, other]) {
        await phone.setUp();
        await phone.syncMail();
      }
      inbox = one.folder(2).serverId;
    });
    const ids = (phone: Phone) => [...phone.replica(inbox).items.keys()];
    const item = (phone: Phone, id: string) => phone.replica(inbox).items.get(id)!;

    it('agree on what is read, and the one that read it hears no echo', async () => {
      const [id = ''] = ids(one);
      const report = await one.sync(inbox, [change(id, leaf(Email.Read, true))]);
      assert.deepEqual(report.changed, []);
      assert.deepEqual(report.replies, []);
      assert.deepEqual((await other.sync(inbox)).changed, [id]);
      assert.equal(item(other, id)['Email:Read'], '1');
      assert.deepEqual((await one.sync(inbox)).changed, []);
    });

    it('agree on flags, set and taken away', async () => {
      const [id = ''] = ids(one);
      await one.sync(inbox, [change(id, node(Email.Flag, leaf(Email.Status, 2), leaf(Email.FlagType, 'Follow up')))]);
      await other.sync(inbox);
      assert.equal(textProperty(item(other, id), 'Email:Flag/Email:Status'), '2');
      assert.equal(textProperty(item(other, id), 'Email:Flag/Email:FlagType'), 'Follow up');
      await other.sync(inbox, [change(id, node(Email.Flag))]);
      await one.sync(inbox);
      assert.ok(['', '0', undefined].includes(textProperty(item(one, id), 'Email:Flag/Email:Status')));
    });

    it('agree on deletions, which end in Deleted Items or nowhere', async () => {
      const [moved = '', gone = ''] = ids(one);
      const [kept, lost] = [moved, gone].map((id) => textProperty(item(one, id), 'Email:Subject'));
      await one.sync(inbox, [{ kind: 'Delete', serverId: moved }], { deletesAsMoves: true });
      await one.sync(inbox, [{ kind: 'Delete', serverId: gone }], { deletesAsMoves: false });
      await other.syncMail();
      await one.syncMail();
      for (const phone of [one, other]) {
        assert.ok(!ids(phone).includes(moved) && !ids(phone).includes(gone));
        const deleted = [...phone.replica(phone.folder(4).serverId).items.values()];
        const subjects = deleted.map((properties) => textProperty(properties, 'Email:Subject'));
        assert.ok(subjects.includes(kept) && !subjects.includes(lost));
      }
    });

    it('agree on moves into a folder that one of them made (MS-ASCMD R289)', async () => {
      const { status } = await one.createFolder('Kept');
      assert.equal(status, 1);
      const kept = one.folder('Kept').serverId;
      const [id = ''] = ids(one);
      const [reply] = await one.move(inbox, kept, [id]);
      assert.equal(reply?.status, 3);
      for (const phone of [one, other]) {
        await phone.syncFolders();
        await phone.syncMail();
        assert.ok(!ids(phone).includes(id));
        assert.deepEqual([...phone.replica(kept).items.keys()], [reply?.newServerId]);
      }
      await other.updateFolder(kept, 'Kept well', '0');
      await one.syncFolders();
      assert.equal(one.folders.get(kept)?.displayName, 'Kept well');
      await other.deleteFolder(kept);
      await one.syncFolders();
      assert.ok(!one.folders.has(kept));
    });

    it('resolve a conflict as asked: the server wins, or the client', async () => {
      for (const [conflict, winner] of [
        [1, '0'],
        [0, '1'],
      ] as const) {
        const [id = ''] = ids(one);
        await one.sync(inbox, [change(id, leaf(Email.Read, true))]);
        await other.sync(inbox);
        await other.sync(inbox, [change(id, leaf(Email.Read, false))]);
        const flagged = change(
          id,
          leaf(Email.Read, true),
          node(Email.Flag, leaf(Email.Status, 2), leaf(Email.FlagType, 'Follow up')),
        );
        const { replies } = await one.sync(inbox, [flagged], { options: { ...one.syncOptions, conflict } });
        assert.deepEqual(
          replies.map(({ status }) => status),
          conflict === 1 ? [7] : [],
        );
        await one.sync(inbox);
        await other.sync(inbox);
        for (const phone of [one, other]) assert.equal(item(phone, id)['Email:Read'], winner);
      }
    });

    if (Number(version) >= 14 && Number(otherVersion) >= 14) {
      it('agree on categories', async () => {
        const [id = ''] = ids(one);
        const categories = ['Red', 'Holiday'].map((name) => leaf(Email.Category, name));
        await one.sync(inbox, [change(id, node(Email.Categories, categories))]);
        await other.sync(inbox);
        assert.deepEqual(listProperty(item(other, id), 'Email:Categories/Email:Category'), ['Red', 'Holiday']);
      });
    }
  });
}
