// Mail that arrives while a phone waits for it (MS-ASCMD section 2.2.1.13, Ping; 2.2.3.198, Wait; 2.2.3.86.2, HeartbeatInterval (Sync)).
import assert from 'node:assert/strict';
import { type Phone, versions } from '../../src/client/index.ts';
import { letter, TestServer } from './test-server.ts';

/** Resolves once the server has had time to answer and holds the request all the same; fails when it came back. */
async function isHeld(answer: Promise<unknown>, phone: Phone): Promise<void> {
  let back = false;
  answer.then(
    () => {
      back = true;
    },
    () => {
      back = true;
    },
  );
  // Two round trips on another connection: the held request was sent before them.
  for (let round = 0; round < 2; round++) await phone.client.offer();
  assert.ok(!back, 'the request came back at once');
}

for (const version of versions) {
  describe(`push at ${version}`, () => {
    let server: TestServer;
    let phone: Phone;
    let inbox: string;
    before(async () => {
      server = await TestServer.start();
    });
    after(() => server.close());
    // Every test with a phone of its own.
    beforeEach(async () => {
      phone = server.phone('anna', { version });
      await phone.setUp();
      inbox = phone.folder(2).serverId;
      await phone.sync(inbox);
    });
    const folders = () => [{ id: inbox, class: 'Email' }];

    it('ends a Ping when mail arrives, names the folder, and the Sync has it', async () => {
      const ping = phone.client.ping({ heartbeatInterval: 60, folders: folders() });
      await isHeld(ping, phone);
      await server.deliver('anna', letter());
      assert.deepEqual(await ping, { status: 2, folders: [inbox] });
      assert.equal((await phone.sync(inbox)).added.length, 1);
    });

    it('answers a Ping at once when mail came in before it', async () => {
      await server.deliver('anna', letter());
      assert.equal((await phone.client.ping({ heartbeatInterval: 60, folders: folders() })).status, 2);
    });

    it('repeats the last Ping for one without a body', async () => {
      await server.deliver('anna', letter());
      await phone.client.ping({ heartbeatInterval: 60, folders: folders() });
      await phone.sync(inbox);
      const ping = phone.client.ping(undefined, { timeout: 20_000 });
      await isHeld(ping, phone);
      await server.deliver('anna', letter());
      assert.equal((await ping).status, 2);
    });

    it('asks for what is missing when there was no Ping before', async () => {
      assert.equal((await phone.client.ping(undefined)).status, 3);
    });

    it('names the bounds of the heartbeat', async () => {
      const short = await phone.client.ping({ heartbeatInterval: 1, folders: folders() });
      assert.deepEqual([short.status, short.heartbeatInterval], [5, 60]);
      const long = await phone.client.ping({ heartbeatInterval: 100_000, folders: folders() });
      assert.deepEqual([long.status, long.heartbeatInterval], [5, 3540]);
    });

    it('ends the older of two Pings of a device', async () => {
      const older = phone.client.ping({ heartbeatInterval: 60, folders: folders() });
      await isHeld(older, phone);
      const newer = phone.client.ping({ heartbeatInterval: 60, folders: folders() });
      await older;
      await server.deliver('anna', letter());
      assert.equal((await newer).status, 2);
    });

    it('gives the mail itself to a Sync with Wait', async () => {
      const request = { collections: [phone.prepare(inbox)], wait: 1 };
      const answer = phone.client.sync(request);
      await isHeld(answer, phone);
      await server.deliver('anna', letter());
      assert.equal(phone.absorb(request.collections[0]!, await answer).added.length, 1);
    });

    if (Number(version) >= 14) {
      it('gives the mail itself to a Sync with HeartbeatInterval, also to an empty one that repeats it', async () => {
        const held = phone.replica(inbox).items.size;
        for (const repeated of [false, true]) {
          const request = { collections: [phone.prepare(inbox)], heartbeatInterval: 60 };
          const answer = phone.client.sync(repeated ? undefined : request, { timeout: 20_000 });
          await isHeld(answer, phone);
          await server.deliver('anna', letter());
          phone.absorb(request.collections[0]!, await answer);
          if (repeated) continue;
          // Every collection of the request repeated must have the key that is current now.
          await phone.client
            .sync({ collections: [phone.prepare(inbox)] })
            .then((quiet) => assert.equal(quiet.kind, 'empty'));
          const waiting = { collections: [phone.prepare(inbox)], heartbeatInterval: 60 };
          const abort = new AbortController();
          const away = phone.client.sync(waiting, { signal: abort.signal });
          await isHeld(away, phone);
          abort.abort(new Error('gone'));
          await assert.rejects(away, /gone/);
        }
        assert.equal(phone.replica(inbox).items.size, held + 2);
      });
    }

    it('does not wake a device for what it did itself', async () => {
      await server.deliver('anna', letter());
      await phone.sync(inbox);
      const [serverId = ''] = phone.replica(inbox).items.keys();
      await phone.sync(inbox, [{ kind: 'Delete', serverId }], { deletesAsMoves: false });
      const ping = phone.client.ping({ heartbeatInterval: 60, folders: folders() });
      await isHeld(ping, phone);
      await server.deliver('anna', letter());
      assert.equal((await ping).status, 2);
    });
  });
}
