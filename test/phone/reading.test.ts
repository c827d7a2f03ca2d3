// Reading mail in every form and length, at every version (MS-ASAIRS section 2.2.2.9, Body; MS-ASCMD section 2.2.3.96, MIMESupport).
import assert from 'node:assert/strict';
import {
  type BodyPreference,
  type Phone,
  type Properties,
  property,
  type SyncOptions,
  textProperty,
  versions,
} from '../../src/client/index.ts';
import { letter, TestServer } from './test-server.ts';

const html = '<html><body><p>Grüße aus <b>Köln</b>, 한국, 日本.</p></body></html>\r\n';
const long = 'A line of many, so that the text is long. Ü\r\n'.repeat(1000);

/** Awkward mail, by name. */
const letters: Readonly<Record<string, string>> = {
  plain: letter({ Subject: 'plain', 'Content-Type': 'text/plain; charset=utf-8' }, 'Grüße, 한국.\r\n'),
  html: letter({ Subject: 'html', 'Content-Type': 'text/html; charset=utf-8' }, html),
  both: letter(
    { Subject: 'both', 'Content-Type': 'multipart/alternative; boundary=b' },
    `--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGrüße\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${html}\r\n--b--\r\n`,
  ),
  long: letter({ Subject: 'long', 'Content-Type': 'text/plain; charset=utf-8' }, long),
  empty: letter({ Subject: '' }, ''),
  broken: letter({ Subject: 'broken', 'Content-Type': 'multipart/mixed; boundary="never seen"' }, 'no boundary\r\n'),
  nul: letter({ Subject: 'nul' }, 'before\u0000after, \u0007bell, \uFFFE\r\n'),
};

interface BodySeen {
  readonly type: number;
  readonly size: number;
  readonly truncated: boolean;
  readonly data: Buffer;
}

function bodyOf(properties: Properties): BodySeen {
  const at = (name: string) => property(properties, `AirSyncBase:Body/AirSyncBase:${name}`);
  const data = at('Data') ?? '';
  return {
    type: Number(at('Type')),
    size: Number(at('EstimatedDataSize')),
    truncated: at('Truncated') === '1',
    data: Buffer.isBuffer(data) ? data : Buffer.from(String(data)),
  };
}

/** Bodies by subject, as a phone that asks so gets them. */
async function bodies(phone: Phone, options: SyncOptions): Promise<ReadonlyMap<string, BodySeen>> {
  const inbox = phone.folder(2).serverId;
  phone.replica(inbox).reset();
  await phone.sync(inbox, [], { options, windowSize: 512 });
  const entries = [...phone.replica(inbox).items.values()].map(
    (properties) => [textProperty(properties, 'Email:Subject') ?? '', bodyOf(properties)] as const,
  );
  assert.equal(entries.length, Object.keys(letters).length);
  return new Map(entries);
}

const preferences = (...list: readonly BodyPreference[]): SyncOptions => ({ bodyPreferences: list });

for (const version of versions) {
  describe(`reading mail at ${version}`, () => {
    let server: TestServer;
    let phone: Phone;
    before(async () => {
      server = await TestServer.start();
      for (const each of Object.values(letters)) await server.deliver('anna', each);
      phone = server.phone('anna', { version });
      await phone.setUp();
    });
    after(() => server.close());

    it('as plain text, whole', async () => {
      const found = await bodies(phone, preferences({ type: 1 }));
      for (const body of found.values()) {
        assert.equal(body.type, 1);
        assert.ok(!body.truncated);
      }
      assert.match(found.get('plain')!.data.toString(), /Grüße, 한국\./);
      assert.match(found.get('html')!.data.toString(), /Grüße aus Köln, 한국, 日本\./);
      assert.equal(found.get('long')!.data.toString().replaceAll('\r\n', '\n'), long.replaceAll('\r\n', '\n'));
      assert.match(found.get('nul')!.data.toString(), /^before ?after, +bell, /);
    });

    it('as HTML, whole', async () => {
      const found = await bodies(phone, preferences({ type: 2 }));
      for (const body of found.values()) assert.equal(body.type, 2);
      for (const name of ['html', 'both']) assert.match(found.get(name)!.data.toString(), /Grüße aus <b>Köln<\/b>/);
      assert.match(found.get('plain')!.data.toString(), /Grüße, 한국/);
    });

    it('cut to 500 octets, saying so and how much there is', async () => {
      const found = await bodies(phone, preferences({ type: 1, truncationSize: 500 }));
      const body = found.get('long')!;
      assert.ok(body.truncated);
      assert.ok(body.data.length <= 500 && body.data.length > 400, `${body.data.length} octets`);
      assert.ok(!body.data.toString().includes('\uFFFD'), 'no character is cut in two');
      assert.ok(body.size >= Buffer.byteLength(long.replaceAll('\r\n', '\n')));
      assert.ok(!found.get('plain')!.truncated);
    });

    it('not at all when AllOrNone cannot be kept', async () => {
      const found = await bodies(phone, preferences({ type: 1, truncationSize: 500, allOrNone: true }));
      const body = found.get('long')!;
      assert.ok(body.truncated);
      assert.equal(body.data.length, 0);
      assert.match(found.get('plain')!.data.toString(), /Grüße/);
    });

    it('as MIME: the octets that came in, whole', async () => {
      const found = await bodies(phone, { mimeSupport: 2, bodyPreferences: [{ type: 4 }] });
      for (const [name, body] of found) {
        const sent = Buffer.from(letters[name === '' ? 'empty' : name]!);
        assert.equal(body.type, 4);
        assert.ok(body.data.subarray(-sent.length).equals(sent), `${name} is another message`);
        assert.equal(body.size, body.data.length);
      }
    });

    it('as MIME, cut', async () => {
      const found = await bodies(phone, { mimeSupport: 2, bodyPreferences: [{ type: 4, truncationSize: 1000 }] });
      const body = found.get('long')!;
      assert.ok(body.truncated && body.data.length <= 1000 && body.data.length > 800, `${body.data.length} octets`);
    });

    if (Number(version) >= 14) {
      it('with a preview', async () => {
        const inbox = phone.folder(2).serverId;
        phone.replica(inbox).reset();
        await phone.sync(inbox, [], { options: preferences({ type: 1, truncationSize: 0, preview: 20 }) });
        const found = [...phone.replica(inbox).items.values()];
        const plain = found.find((properties) => textProperty(properties, 'Email:Subject') === 'plain');
        assert.match(textProperty(plain!, 'AirSyncBase:Body/AirSyncBase:Preview') ?? '', /^Grüße, 한국/);
      });
    }

    it('one mail at a time by Fetch in a Sync, and by ItemOperations', async () => {
      const inbox = phone.folder(2).serverId;
      phone.replica(inbox).reset();
      await phone.sync(inbox, [], { options: preferences({ type: 1, truncationSize: 10 }) });
      const [serverId] = [...phone.replica(inbox).items].find(
        ([, properties]) => textProperty(properties, 'Email:Subject') === 'long',
      )!;
      const options: SyncOptions = { mimeSupport: 2, bodyPreferences: [{ type: 4 }] };
      const settings = { options, getChanges: false };
      const { replies } = await phone.sync(inbox, [{ kind: 'Fetch', serverId }], settings);
      assert.equal(replies[0]?.status, 1);
      const fetched = bodyOf(replies[0]?.properties ?? {});
      const { fetches } = await phone.client.fetch([
        { collectionId: inbox, serverId, mimeSupport: 2, bodyPreferences: [{ type: 4 }] },
      ]);
      assert.equal(fetches[0]?.status, 1);
      assert.ok(fetched.data.equals(fetches[0]?.octets ?? Buffer.alloc(0)));
      const unknown = await phone.sync(inbox, [{ kind: 'Fetch', serverId: `${inbox}:999999` }], settings);
      assert.equal(unknown.replies[0]?.status, 8);
    });
  });
}
