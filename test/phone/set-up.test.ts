// How an account is set up, as an iPhone, a Samsung and Thunderbird with TbSync do it, at every protocol version.
import assert from 'node:assert/strict';
import { type Phone, type SyncOptions, versions } from '../../src/client/index.ts';
import { letter, TestServer } from './test-server.ts';

const classes: readonly [type: number, options: SyncOptions][] = [
  [2, { filterType: 3, mimeTruncation: 1, mimeSupport: 0, bodyPreferences: [{ type: 1, truncationSize: 500 }] }],
  [7, { filterType: 8, bodyPreferences: [{ type: 1, truncationSize: 32768 }] }],
  [8, { filterType: 5, bodyPreferences: [{ type: 1, truncationSize: 32768 }] }],
  [9, { bodyPreferences: [{ type: 1, truncationSize: 32768 }] }],
  [10, { bodyPreferences: [{ type: 1, truncationSize: 32768 }] }],
];

async function syncTwice(phone: Phone, type: number, options: SyncOptions, first: object): Promise<number> {
  const { serverId } = phone.folder(type);
  const begin = { ...phone.prepare(serverId, [], { options }), ...first };
  phone.absorb(begin, await phone.client.sync({ collections: [begin] }));
  const { added } = await phone.sync(serverId, [], { options, windowSize: type === 2 ? 50 : 5 });
  return added.length;
}

for (const version of versions) {
  describe(`set-up at ${version}`, () => {
    let server: TestServer;
    before(async () => {
      server = await TestServer.start();
      for (let count = 0; count < 3; count++) await server.deliver('anna', letter());
    });
    after(() => server.close());

    it('as an iPhone: OPTIONS, Provision, FolderSync, Settings, every folder', async () => {
      const phone = server.phone('anna', { version, deviceType: 'iPhone', userAgent: 'Apple-iPhone3C1/1104.257' });
      await phone.client.provision();
      assert.notEqual(phone.client.policyKey, 0);
      await phone.setUp();
      const settings = await phone.client.settings({ deviceInformation: { model: 'iPhone', os: 'iOS 17' } });
      assert.equal(settings.status, 1);
      assert.equal(settings.deviceInformationStatus, 1);
      for (const [type, options] of classes) {
        assert.equal(await syncTwice(phone, type, options, { options }), type === 2 ? 3 : 0);
      }
    });

    it('as a Samsung: a check with the device "validate", then DeletesAsMoves empty and WindowSize 5 and 50', async () => {
      const check = server.phone('anna', { version, deviceId: 'validate', deviceType: 'SAMSUNGGTI9100' });
      await check.setUp();
      const phone = server.phone('anna', { version, deviceId: 'SEC0123456789ABC', deviceType: 'SAMSUNGGTI9100' });
      await phone.setUp();
      for (const [type, options] of classes) {
        const { filterType } = options;
        const filter = filterType === undefined ? {} : { filterType };
        const bodies = { bodyPreferences: [{ type: 2, truncationSize: 2048 }, { type: 4 }] } as const;
        const added = await syncTwice(phone, type, { ...filter, ...bodies }, { options: [], deletesAsMoves: true });
        assert.equal(added, type === 2 ? 3 : 0);
      }
    });

    it('as TbSync: Settings before FolderSync, FolderSync again, an estimate before each Sync', async () => {
      const phone = server.phone('anna', { version, deviceType: 'Thunderbird', userAgent: 'Thunderbird ActiveSync' });
      await phone.client.offer();
      const asked = { deviceInformation: { model: 'Computer', friendlyName: 'TbSync' }, userInformation: true };
      const settings = await phone.client.settings(asked);
      assert.equal(settings.status, 1);
      assert.equal(settings.userInformationStatus, 1);
      assert.deepEqual(settings.addresses, [server.address('anna')]);
      await phone.syncFolders();
      const again = await phone.client.folderSync(phone.folderSyncKey);
      assert.deepEqual([again.status, again.count, again.syncKey], [1, 0, phone.folderSyncKey]);
      const { serverId: collectionId } = phone.folder(2);
      const begin = phone.prepare(collectionId);
      phone.absorb(begin, await phone.client.sync({ collections: [begin] }));
      const { syncKey } = phone.replica(collectionId);
      const [estimate] = await phone.client.getItemEstimate([{ collectionId, syncKey, class: 'Email', filterType: 0 }]);
      assert.deepEqual([estimate?.status, estimate?.estimate], [1, 3]);
      await phone.sync(collectionId);
      assert.equal(phone.replica(collectionId).items.size, 3);
    });

    it('over the base64 query', async () => {
      const phone = server.phone('anna', { version, query: 'base64', deviceId: 'WP8DEVICE0000001', deviceType: 'WP8' });
      await phone.client.provision();
      await phone.setUp();
      assert.equal((await phone.sync(phone.folder(2).serverId)).added.length, 3);
    });
  });
}
