// Sending what a user wrote, on a real database.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultSubmissionLimits, mailSubmission } from '../../src/transport/mail-submission.ts';
import type { MailToSend } from '../../src/transport/submission.ts';
import type { Office } from './office.ts';
import { device, itemsOf, mail, octetsOf, openOffice, silent } from './office.ts';

const now = () => Date.UTC(2026, 0, 2, 3, 4, 5);

describe('Sending a message', () => {
  let office: Office;
  const submission = (limits = defaultSubmissionLimits) =>
    mailSubmission({ store: office.store, limits, hostname: 'mail.example.test', now, logger: silent });
  const send = (octets: Buffer, rest: Partial<MailToSend> = {}) =>
    submission().send({ user: office.ann, octets, saveInSentItems: true, by: device, ...rest });
  const whole = { From: 'ann@example.test', Date: 'Thu, 1 Jan 2026 00:00:00 +0000', 'Message-ID': '<1@example.test>' };

  beforeEach(async () => {
    office = await openOffice();
  });
  afterEach(() => office.close());

  it('delivers to local recipients and keeps one copy in Sent Items, octet by octet', async () => {
    const octets = mail({ ...whole, To: 'Bob <BOB@example.test>', Subject: 'Hi' });
    assert.deepEqual(await send(octets), { kind: 'sent' });
    const [received] = await itemsOf(office.store, office.bob);
    const [sent] = await itemsOf(office.store, office.ann, 5);
    assert.ok(received && sent);
    assert.deepEqual(await octetsOf(office.store, office.bob, received), octets);
    assert.deepEqual(await octetsOf(office.store, office.ann, sent), octets);
    assert.equal(received.properties['read'], false);
    assert.equal(sent.properties['read'], true);
    assert.equal(sent.createdBy, 0, 'the sending device is told of the copy');
    assert.equal(await office.store.delivery.nextDue(), undefined);
  });

  it('keeps no copy when none is wanted', async () => {
    await send(mail({ ...whole, To: 'bob@example.test' }), { saveInSentItems: false });
    assert.deepEqual(await itemsOf(office.store, office.ann, 5), []);
  });

  it('takes Bcc from what others get, and keeps it in Sent Items', async () => {
    const octets = mail({
      ...whole,
      To: 'x@outside.test',
      Bcc: 'bob@example.test,\r\n secret@outside.test',
      Subject: 'Hi',
    });
    assert.deepEqual(await send(octets), { kind: 'sent' });
    const [received] = await itemsOf(office.store, office.bob);
    const [sent] = await itemsOf(office.store, office.ann, 5);
    const open = Buffer.from(octets.toString().replace(/Bcc: .*\r\n .*\r\n/, ''));
    assert.deepEqual(await octetsOf(office.store, office.bob, received!), open);
    assert.equal(received!.message!.derived.bcc, '');
    assert.equal(received!.properties['receivedAsBcc'], true);
    assert.deepEqual(await octetsOf(office.store, office.ann, sent!), octets);
    assert.match(sent!.message!.derived.bcc, /secret@outside/);
    const [queued] = await office.store.delivery.due(Date.now() + 1e9, 10);
    assert.deepEqual(queued!.recipients, ['x@outside.test', 'secret@outside.test']);
    assert.deepEqual(await office.store.delivery.queuedOctets(queued!.id), open);
  });

  it('finds the attachments of the copy without Bcc at their own offsets', async () => {
    const body =
      '--b\r\nContent-Type: text/plain\r\n\r\nText\r\n--b\r\nContent-Type: application/octet-stream; name=a.bin\r\n' +
      'Content-Disposition: attachment; filename=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n--b--\r\n';
    const type = 'multipart/mixed; boundary=b';
    const octets = mail(
      { ...whole, To: 'bob@example.test', Bcc: 'x@outside.test', 'MIME-Version': '1.0', 'Content-Type': type },
      body,
    );
    await send(octets);
    for (const [user, folder] of [
      [office.bob, 2],
      [office.ann, 5],
    ] as const) {
      const [item] = await itemsOf(office.store, user, folder);
      const part = item!.message!.derived.attachments[0]!;
      const found = await office.store.mailboxes.partOctets(user.mailboxId, item!.id, part);
      assert.equal(found?.toString().trim(), 'QUJD');
    }
  });

  it('sets From to the primary address when it is missing, and completes Date and Message-ID (MS-ASCMD R448)', async () => {
    const octets = mail({ To: 'bob@example.test', Subject: 'Hi' });
    assert.deepEqual(await send(octets), { kind: 'sent' });
    const [received] = await itemsOf(office.store, office.bob);
    const { derived } = received!.message!;
    assert.equal(derived.from, '"Ann Ångström" <ann@example.test>');
    assert.equal(derived.date, now());
    assert.match(derived.messageId, /^<[^@]+@example\.test>$/);
    const stored = await octetsOf(office.store, office.bob, received!);
    assert.deepEqual(stored.subarray(stored.length - octets.length), octets);
  });

  for (const [from, outcome] of [
    ['bob@example.test', 'not-allowed'],
    ['ann@example.test, bob@example.test', 'not-allowed'],
    ['ann@example.test.evil.test', 'not-allowed'],
    ['Ann <A.Angstrom@Example.Test>', 'sent'],
    ['ann+news@example.test', 'sent'],
    ['Ann', 'sent'],
    ['', 'sent'],
  ] as const) {
    it(`answers ${outcome} for From: ${from || '(empty)'}`, async () => {
      const { kind } = await send(mail({ ...whole, From: from, To: 'bob@example.test' }));
      assert.equal(kind, outcome);
      const received = await itemsOf(office.store, office.bob);
      assert.equal(received.length, kind === 'sent' ? 1 : 0);
    });
  }

  it('refuses a Sender that is somebody else', async () => {
    const outcome = await send(mail({ ...whole, Sender: 'bob@example.test', To: 'bob@example.test' }));
    assert.equal(outcome.kind, 'not-allowed');
  });

  it('sends once for one ClientId of one device (MS-ASCMD R4848), also after a restart', async () => {
    const octets = mail({ ...whole, To: 'bob@example.test' });
    const other = mail({ ...whole, 'Message-ID': '<2@example.test>', To: 'bob@example.test' }, 'Other.\r\n');
    assert.equal((await send(octets, { clientId: 'c1' })).kind, 'sent');
    office = await office.reopen();
    assert.equal((await send(other, { clientId: 'c1' })).kind, 'already-sent');
    assert.equal((await itemsOf(office.store, office.bob)).length, 1);
    assert.equal((await itemsOf(office.store, office.ann, 5)).length, 1);
    assert.equal((await send(other, { clientId: 'c2' })).kind, 'sent');
    assert.equal((await itemsOf(office.store, office.bob)).length, 2);
  });

  it('bounces to the sender what goes to nobody of ours, and delivers the rest', async () => {
    const octets = mail({
      ...whole,
      To: 'nobody@example.test, bob@example.test, broken(at)example.test',
      Subject: '=?utf-8?Q?Gr=C3=BC=C3=9Fe?=',
    });
    assert.equal((await send(octets)).kind, 'sent');
    assert.equal((await itemsOf(office.store, office.bob)).length, 1);
    const [bounce] = await itemsOf(office.store, office.ann);
    assert.equal(bounce!.message!.derived.subject, 'Undeliverable: Grüße');
    const text = (await octetsOf(office.store, office.ann, bounce!)).toString();
    assert.match(text, /Content-Type: multipart\/report; report-type=delivery-status/);
    assert.match(text, /Final-Recipient: rfc822; nobody@example\.test\r\nAction: failed\r\nStatus: 5\.1\.1/);
    assert.match(text, /In-Reply-To: <1@example\.test>/);
    assert.doesNotMatch(text, /Final-Recipient: rfc822; bob/);
    assert.match(bounce!.message!.derived.messageClass, /^REPORT\.IPM\.NOTE\.NDR$/i);
  });

  it('bounces when all are nobody and no copy is kept', async () => {
    assert.equal((await send(mail({ ...whole, To: 'nobody@example.test' }), { saveInSentItems: false })).kind, 'sent');
    assert.equal((await itemsOf(office.store, office.ann)).length, 1);
  });

  it('opens groups within groups, once each, loops and outside members included', async () => {
    const groups = [
      {
        address: 'all@example.test',
        displayName: 'All',
        members: ['team@example.test', 'ann@example.test', 'gone@example.test'],
      },
      {
        address: 'team@example.test',
        displayName: 'Team',
        members: ['bob@example.test', 'all@example.test', 'x@outside.test'],
      },
    ];
    for (const group of groups) assert.equal(await office.store.directory.putGroup(group), 'created');
    const octets = mail({ ...whole, To: 'all@example.test, bob@example.test' });
    assert.equal((await send(octets)).kind, 'sent');
    assert.equal((await itemsOf(office.store, office.bob)).length, 1);
    assert.equal((await itemsOf(office.store, office.ann)).length, 1);
    const [queued] = await office.store.delivery.due(Date.now() + 1e9, 10);
    assert.deepEqual(queued!.recipients, ['x@outside.test']);
    const [sent] = await itemsOf(office.store, office.ann, 5);
    assert.deepEqual(await octetsOf(office.store, office.ann, sent!), octets);
  });

  it('delivers to user+tag', async () => {
    await send(mail({ ...whole, To: 'bob+shop@example.test' }));
    assert.equal((await itemsOf(office.store, office.bob)).length, 1);
  });

  it('answers for messages that cannot be sent', async () => {
    assert.equal((await send(Buffer.alloc(0))).kind, 'invalid-mime');
    assert.equal((await send(Buffer.from('just words\r\n'))).kind, 'invalid-mime');
    assert.equal((await send(mail(whole))).kind, 'no-recipient');
    const small = { ...defaultSubmissionLimits, messageSize: 100, recipients: 2 };
    const large = mail({ ...whole, To: 'bob@example.test' }, 'x'.repeat(200));
    const user = { user: office.ann, saveInSentItems: true, by: device };
    assert.equal((await submission(small).send({ ...user, octets: large })).kind, 'too-large');
    const many = mail({ To: 'a@b.test, c@d.test, e@f.test' }, '');
    assert.equal((await submission(small).send({ ...user, octets: many })).kind, 'too-many-recipients');
    assert.deepEqual(await itemsOf(office.store, office.ann, 5), []);
    assert.equal(await office.store.delivery.nextDue(), undefined);
  });

  it('leaves every octet of a signed message behind its outer header', async () => {
    const file = (name: string) => join(office.directory, name);
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-subj',
        '/CN=ann',
        '-keyout',
        file('k.pem'),
        '-out',
        file('c.pem'),
      ],
      { stdio: 'ignore' },
    );
    writeFileSync(file('text'), 'Content-Type: text/plain\r\n\r\nSigned.\r\n');
    const signed = execFileSync('openssl', [
      'smime',
      '-sign',
      '-in',
      file('text'),
      '-signer',
      file('c.pem'),
      '-inkey',
      file('k.pem'),
    ]);
    const octets = Buffer.concat([Buffer.from('To: bob@example.test\nBcc: x@outside.test\nSubject: signed\n'), signed]);
    await send(octets);
    const [received] = await itemsOf(office.store, office.bob);
    const stored = await octetsOf(office.store, office.bob, received!);
    const digest = (part: Buffer) => createHash('sha256').update(part).digest('hex');
    assert.equal(digest(stored.subarray(stored.length - signed.length)), digest(signed));
    writeFileSync(file('received'), stored);
    const verified = execFileSync('openssl', ['smime', '-verify', '-noverify', '-in', file('received')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    assert.match(verified.toString(), /Signed\./);
    assert.equal(received!.message!.derived.smime, 'clear-signed');
  });
});
