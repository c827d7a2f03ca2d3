// S/MIME messages of the demo by every way in: SHA-256 in = SHA-256 out (design invariant: octets in = octets out).
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { User } from '../../src/store/directory-store.ts';
import { mailDelivery } from '../../src/transport/delivery.ts';
import { importMail } from '../../src/transport/import/import-mail.ts';
import { listenForMail } from '../../src/transport/listeners.ts';
import { mailSubmission } from '../../src/transport/mail-submission.ts';
import { outerHeader } from '../../src/transport/raw-header.ts';
import { deliverByLmtp } from '../lmtp.ts';
import type { Office } from './office.ts';
import { device, itemsOf, octetsOf, openOffice, silent } from './office.ts';

const folder = fileURLToPath(new URL('../../data/demo/smime/', import.meta.url));
const samples = readdirSync(folder).filter((name) => name.endsWith('.eml'));
const digest = (octets: Buffer) => createHash('sha256').update(octets).digest('hex');
const body = (octets: Buffer) => octets.subarray(outerHeader(octets).bodyStart);

describe('An S/MIME message', () => {
  let office: Office;

  beforeEach(async () => {
    office = await openOffice();
  });
  afterEach(() => office.close());

  const onlyItem = async (user: User, folderType: number): Promise<Buffer> => {
    const items = await itemsOf(office.store, user, folderType);
    assert.equal(items.length, 1);
    assert.notEqual(items[0]!.message!.derived.smime, 'none');
    return octetsOf(office.store, user, items[0]!);
  };

  it('is among the samples in each form', () => {
    assert.deepEqual(samples, ['clear-signed.eml', 'encrypted.eml', 'opaque-signed.eml', 'signed-then-encrypted.eml']);
  });

  for (const name of samples) {
    const octets = readFileSync(folder + name);

    it(`arrives by LMTP whole behind the trace fields: ${name}`, async () => {
      const { store } = office;
      const dependencies = { store, logger: silent, now: Date.now };
      const delivery = mailDelivery(dependencies);
      const options = { protocol: 'lmtp', host: '127.0.0.1', port: 0, hostname: 'mail.example.test' } as const;
      const listener = await listenForMail(options, { ...dependencies, delivery });
      // On the wire every line ends in CRLF: what the client writes is what must arrive.
      const wire = Buffer.from(octets.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');
      const delivered = deliverByLmtp(`127.0.0.1:${listener.port}`, {
        sender: 'x@y.test',
        recipients: ['ann@example.test'],
        octets: wire,
      });
      await delivered.finally(() => listener.close());
      const stored = await onlyItem(office.ann, 2);
      assert.equal(digest(stored.subarray(stored.length - wire.length)), digest(wire));
    });

    it(`is imported octet by octet: ${name}`, async () => {
      await importMail({ store: office.store, user: office.ann, path: folder + name });
      assert.equal(digest(await onlyItem(office.ann, 2)), digest(octets));
    });

    it(`is sent whole, to others and to Sent Items: ${name}`, async () => {
      const { store } = office;
      const from = Buffer.from('From: ann@example.test\nTo: bob@example.test\nBcc: ann@example.test\n');
      const { bodyStart } = outerHeader(octets);
      const header = octets.subarray(0, bodyStart).toString('latin1');
      const kept = header.replace(/^(?:From|To|Cc):.*(?:\r?\n[ \t].*)*\r?\n/gim, '');
      const written = Buffer.concat([from, Buffer.from(kept, 'latin1'), octets.subarray(bodyStart)]);
      const submission = mailSubmission({ store, hostname: 'mail.example.test', logger: silent, now: Date.now });
      const outcome = await submission.send({ user: office.ann, octets: written, saveInSentItems: true, by: device });
      assert.deepEqual(outcome, { kind: 'sent' });
      for (const stored of [
        await onlyItem(office.bob, 2),
        await onlyItem(office.ann, 2),
        await onlyItem(office.ann, 5),
      ]) {
        assert.equal(digest(body(stored)), digest(body(octets)));
      }
    });
  }
});
