// All of the demo organisation's mail, in every form, as phones read it (MS-ASAIRS section 2.2.2.9, Body; MS-ASCMD section 2.2.1.11, ItemOperations).
import assert from 'node:assert/strict';
import {
  listProperty,
  type Phone,
  type Properties,
  property,
  type SyncOptions,
  textProperty,
  type Version,
} from '../../src/client/index.ts';
import { TestServer } from './test-server.ts';

const forms: Readonly<Record<string, SyncOptions>> = {
  plain: { bodyPreferences: [{ type: 1 }] },
  HTML: { bodyPreferences: [{ type: 2 }] },
  'S/MIME messages alone as MIME': { mimeSupport: 1, bodyPreferences: [{ type: 4 }, { type: 2 }] },
  MIME: { mimeSupport: 2, bodyPreferences: [{ type: 4 }] },
  'plain, cut': { bodyPreferences: [{ type: 1, truncationSize: 200 }] },
  'HTML, cut': { bodyPreferences: [{ type: 2, truncationSize: 200 }] },
  'MIME, cut': { mimeSupport: 2, bodyPreferences: [{ type: 4, truncationSize: 200 }] },
};

function checkBody(item: Properties, form: string): void {
  const at = (name: string) => property(item, `AirSyncBase:Body/AirSyncBase:${name}`);
  const subject = textProperty(item, 'Email:Subject');
  const data = at('Data');
  const length = Buffer.isBuffer(data) ? data.length : Buffer.byteLength(String(data ?? ''));
  const isTruncated = at('Truncated') === '1';
  const size = Number(at('EstimatedDataSize'));
  // EstimatedDataSize is an estimate: HTML made of plain text is longer than it says.
  if (form.endsWith('cut')) assert.ok(length <= 200 && (isTruncated || length >= size), `${subject}: ${length}`);
  else assert.ok(!isTruncated, `${subject} is cut`);
  if (form === 'MIME') assert.equal(length, size, subject);
  assert.ok(textProperty(item, 'Email:DateReceived') !== undefined, `${subject} has no date`);
  if (typeof data === 'string') assert.ok(!data.includes('\uFFFD\uFFFD'), `${subject}: unreadable characters`);
}

function itemsOf(phone: Phone): readonly (readonly [folder: string, id: string, item: Properties])[] {
  return [...phone.replicas].flatMap(([folder, replica]) =>
    [...replica.items].map(([id, item]) => [folder, id, item] as const),
  );
}

describe('the demo organisation on phones', function () {
  this.timeout(60_000);
  let server: TestServer;
  before(async () => {
    server = await TestServer.start({});
  });
  after(() => server.close());
  const account = (index: number) => server.running.accounts[index % server.running.accounts.length]!;

  it('has three users or more', () => assert.ok(server.running.accounts.length >= 3));

  for (const [index, version] of (['12.1', '14.1', '16.1'] as const satisfies readonly Version[]).entries()) {
    for (const [form, syncOptions] of Object.entries(forms)) {
      it(`is read as ${form} at ${version}`, async () => {
        const phone = server.phone(account(index), { version, syncOptions, windowSize: 25 });
        await phone.setUp();
        await phone.syncMail();
        const items = itemsOf(phone);
        assert.ok(items.length >= 50, `${items.length} messages`);
        for (const [, , item] of items) checkBody(item, form);
      });
    }
  }

  it('gives the same octets by Sync and by ItemOperations, and every attachment', async () => {
    const options: SyncOptions = { mimeSupport: 2, bodyPreferences: [{ type: 4 }] };
    const phone = server.phone(account(0), { version: '14.1', syncOptions: options });
    await phone.setUp();
    await phone.syncMail();
    for (const [collectionId, serverId, item] of itemsOf(phone)) {
      const subject = textProperty(item, 'Email:Subject');
      const whole = { collectionId, serverId, mimeSupport: 2, bodyPreferences: [{ type: 4 }] } as const;
      const files = (listProperty(item, 'AirSyncBase:Attachments/AirSyncBase:Attachment') as readonly Properties[]).map(
        (each) => ({ fileReference: textProperty(each, 'AirSyncBase:FileReference') ?? '' }),
      );
      const { fetches } = await phone.client.fetch([whole, ...files], true);
      const data = property(item, 'AirSyncBase:Body/AirSyncBase:Data');
      assert.ok(Buffer.from(data as Buffer | string).equals(fetches[0]?.octets ?? Buffer.alloc(0)), subject);
      for (const { status } of fetches) assert.ok(status === 1 || status === 10, `${subject}: Status ${status}`);
    }
  });
});
