// Writing and answering mail, empty and partial Syncs, several folders in one request (MS-ASCMD section 2.2.1.17, SendMail; 2.2.3.128, Partial).
import assert from 'node:assert/strict';
import { type Phone, type SyncAnswer, textProperty, versions } from '../../src/client/index.ts';
import { letter, TestServer } from './test-server.ts';

const subjects = (phone: Phone, type: number) =>
  [...phone.replica(phone.folder(type).serverId).items.values()].map((item) => textProperty(item, 'Email:Subject'));

const collectionsOf = (answer: SyncAnswer) => (answer.kind === 'answer' ? answer.collections : []);

for (const version of versions) {
  describe(`conversations at ${version}`, () => {
    let server: TestServer;
    let anna: Phone;
    let ben: Phone;
    before(async () => {
      server = await TestServer.start();
      anna = server.phone('anna', { version });
      ben = server.phone('ben', { version });
      for (const phone of [anna, ben]) {
        await phone.setUp();
        await phone.syncMail();
      }
    });
    after(() => server.close());

    it('a mail reaches its reader and Sent Items, the answer comes back, and Bcc stays hidden', async () => {
      const [annasAddress, bensAddress] = [server.address('anna'), server.address('ben')];
      const mime = letter({ From: annasAddress, To: bensAddress, Bcc: annasAddress, Subject: 'Question' });
      const question = { clientId: `q${version}`, saveInSentItems: true, mime: Buffer.from(mime) };
      assert.equal(await anna.client.sendMail(question), 1);
      const reply = letter({ From: bensAddress, To: annasAddress, Subject: 'Re: Question' });
      assert.equal(await ben.client.sendMail({ clientId: `a${version}`, mime: Buffer.from(reply) }), 1);
      for (const phone of [anna, ben]) await phone.syncMail();
      assert.deepEqual(subjects(ben, 2), ['Question']);
      assert.deepEqual(subjects(ben, 5), []);
      assert.deepEqual(subjects(anna, 2).sort(), ['Question', 'Re: Question']);
      assert.deepEqual(subjects(anna, 5), ['Question']);
      const inbox = ben.folder(2).serverId;
      const [serverId = ''] = ben.replica(inbox).items.keys();
      const { fetches } = await ben.client.fetch([
        { collectionId: inbox, serverId, mimeSupport: 2, bodyPreferences: [{ type: 4 }] },
      ]);
      assert.doesNotMatch(fetches[0]?.octets?.toString() ?? '', /^Bcc:/im);
    });

    it('an empty Sync repeats the request before, a partial one adds to it', async () => {
      const [inbox, sent] = [anna.folder(2).serverId, anna.folder(5).serverId];
      const both = [anna.prepare(inbox), anna.prepare(sent)];
      assert.deepEqual(await anna.client.sync({ collections: both }), { kind: 'empty' });
      assert.deepEqual(await anna.client.sync(undefined), { kind: 'empty' });
      await server.deliver('anna', letter({ Subject: `to ${version}` }));
      const repeated = await anna.client.sync(undefined);
      assert.deepEqual(
        collectionsOf(repeated).map(({ collectionId }) => collectionId),
        [inbox],
      );
      for (const collection of collectionsOf(repeated)) anna.absorbCollection(collection);
      await server.deliver('anna', letter());
      const partial = await anna.client.sync({ collections: [anna.prepare(inbox)], partial: true });
      assert.equal(collectionsOf(partial)[0]?.commands.length, 1);
      for (const collection of collectionsOf(partial)) anna.absorbCollection(collection);
    });

    it('a partial Sync of a device that never sent a whole one is asked to (Status 13)', async () => {
      const fresh = server.phone('anna', { version });
      await fresh.setUp();
      const answer = await fresh.client.sync({ windowSize: 5, partial: true });
      assert.ok(answer.kind === 'answer' && answer.status === 13);
      const empty = await fresh.client.sync(undefined);
      assert.ok(empty.kind === 'answer' && empty.status === 13);
    });

    it('several folders in one request: each has its own Status, and the window counts for all', async () => {
      for (let count = 0; count < 4; count++) await server.deliver('anna', letter());
      const phone = server.phone('anna', { version });
      await phone.setUp();
      const ids = [2, 5, 4].map((type) => phone.folder(type).serverId);
      for (const id of ids) {
        const begin = phone.prepare(id);
        phone.absorb(begin, await phone.client.sync({ collections: [begin] }));
      }
      const wrong = { syncKey: '12345', collectionId: phone.folder(3).serverId };
      const gone = { syncKey: '1', collectionId: '987654321' };
      const request = { collections: [wrong, gone, ...ids.map((id) => phone.prepare(id))], windowSize: 3 };
      const answer = collectionsOf(await phone.client.sync(request));
      const statusOf = (id: string) => answer.find(({ collectionId }) => collectionId === id)?.status;
      assert.equal(statusOf(wrong.collectionId), 3);
      assert.ok([8, 12].includes(statusOf(gone.collectionId) ?? 0));
      const commands = answer.flatMap((collection) => collection.commands);
      assert.equal(commands.length, 3);
      assert.ok(answer.find(({ collectionId }) => collectionId === ids[0])?.moreAvailable);
    });
  });
}
