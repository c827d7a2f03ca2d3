// S/MIME messages come and go byte for byte (MS-ASCMD section 2.2.3.96, MIMESupport; MS-ASAIRS section 2.2.2.9, Body).
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Phone, type Properties, property, textProperty, versions } from '../../src/client/index.ts';
import { TestServer } from './test-server.ts';

const folder = new URL('../../data/demo/smime/', import.meta.url);
const messageClasses: Readonly<Record<string, string>> = {
  'clear-signed.eml': 'IPM.Note.SMIME.MultipartSigned',
  'opaque-signed.eml': 'IPM.Note.SMIME',
  'encrypted.eml': 'IPM.Note.SMIME',
  'signed-then-encrypted.eml': 'IPM.Note.SMIME',
};
const files = Object.keys(messageClasses);
const octetsOf = (file: string) => readFileSync(new URL(file, folder));
const sha256 = (octets: Buffer) => createHash('sha256').update(octets).digest('hex');
/** What follows the outer header: what signature and ciphertext are about. */
const entityOf = (octets: Buffer) => octets.subarray(octets.indexOf('\r\n\r\n'));

function mimeOf(properties: Properties): Buffer {
  const data = property(properties, 'AirSyncBase:Body/AirSyncBase:Data');
  return Buffer.isBuffer(data) ? data : Buffer.from(String(data ?? ''));
}

const organisation = {
  domains: ['conversation.example'],
  users: [
    {
      name: 'anna',
      password: 'secret of anna',
      mail: files.map((file) => ({ path: fileURLToPath(new URL(file, folder)) })),
    },
    { name: 'ben', password: 'secret of ben' },
  ],
};

for (const version of versions) {
  describe(`S/MIME at ${version}`, () => {
    let server: TestServer;
    let phone: Phone;
    before(async () => {
      server = await TestServer.start({ organisation });
      phone = server.phone('anna', { version });
      await phone.setUp();
    });
    after(() => server.close());

    for (const mimeSupport of [1, 2] as const) {
      it(`gives the imported octets, MIMESupport ${mimeSupport} (MS-ASCMD R3375 to R3380)`, async () => {
        const inbox = phone.folder(2).serverId;
        phone.replica(inbox).reset();
        await phone.sync(inbox, [], { options: { mimeSupport, bodyPreferences: [{ type: 4 }, { type: 1 }] } });
        const items = [...phone.replica(inbox).items.values()];
        const expected = files.map((file) => `${messageClasses[file]} ${sha256(octetsOf(file))}`);
        const found = items.map((item) => `${textProperty(item, 'Email:MessageClass')} ${sha256(mimeOf(item))}`);
        assert.deepEqual(found.sort(), expected.sort());
      });
    }

    it('never gives a part of one: it says Truncated and gives nothing', async () => {
      const inbox = phone.folder(2).serverId;
      phone.replica(inbox).reset();
      const preference = { type: 4, truncationSize: 100 } as const;
      await phone.sync(inbox, [], { options: { mimeSupport: 1, bodyPreferences: [preference] } });
      for (const [serverId, item] of phone.replica(inbox).items) {
        assert.equal(textProperty(item, 'AirSyncBase:Body/AirSyncBase:Truncated'), '1');
        assert.equal(mimeOf(item).length, 0);
        const whole = [{ collectionId: inbox, serverId, mimeSupport: 2, bodyPreferences: [{ type: 4 }] }] as const;
        const inline = await phone.client.fetch(whole);
        const multipart = await phone.client.fetch(whole, true);
        assert.deepEqual(inline.fetches[0]?.octets, multipart.fetches[0]?.octets);
        const digests = files.map((file) => sha256(octetsOf(file)));
        assert.ok(digests.includes(sha256(inline.fetches[0]?.octets ?? Buffer.alloc(0))));
      }
    });

    it('gives them as mail with an attachment when MIMESupport is 0', async () => {
      const inbox = phone.folder(2).serverId;
      phone.replica(inbox).reset();
      await phone.sync(inbox, [], { options: { mimeSupport: 0, bodyPreferences: [{ type: 1 }] } });
      for (const item of phone.replica(inbox).items.values()) {
        assert.notEqual(textProperty(item, 'AirSyncBase:Body/AirSyncBase:Type'), '4');
      }
    });

    for (const file of files) {
      it(`sends ${file} without touching what is signed or encrypted`, async () => {
        const text = octetsOf(file).toString('latin1');
        const addressed = text
          .replace(/^From: .*$/m, `From: ${server.address('anna')}`)
          .replace(/^To: .*$/m, `To: ${server.address('ben')}`);
        const mime = Buffer.from(addressed, 'latin1');
        const clientId = `${file} ${version}`;
        assert.equal(await phone.client.sendMail({ clientId, saveInSentItems: true, mime }), 1);
        const receiver = server.phone('ben', { version });
        await receiver.setUp();
        const options = { mimeSupport: 2, bodyPreferences: [{ type: 4 }] } as const;
        for (const [reader, type] of [
          [receiver, 2],
          [phone, 5],
        ] as const) {
          const { serverId } = reader.folder(type);
          await reader.sync(serverId, [], { options });
          const digests = [...reader.replica(serverId).items.values()].map((item) => sha256(entityOf(mimeOf(item))));
          assert.ok(digests.includes(sha256(entityOf(mime))), `folder of type ${type}`);
        }
      });
    }
  });
}
