// Mail arriving over real LMTP and SMTP sockets.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Store } from '../../src/store/store.ts';
import { mailDelivery } from '../../src/transport/delivery.ts';
import type { ListenerOptions, MailListener } from '../../src/transport/listeners.ts';
import { listenForMail } from '../../src/transport/listeners.ts';
import type { Office } from './office.ts';
import { itemsOf, mail, octetsOf, openOffice, silent, until } from './office.ts';
import { rawClient } from './raw-client.ts';

interface Sent {
  readonly accepted: readonly string[];
  readonly replies: ReadonlyMap<string, number>;
  readonly response: string;
}

/** One transaction by nodemailer; the replies to refused recipients by address. */
function transact(
  listener: MailListener,
  lmtp: boolean,
  to: readonly string[],
  octets: Buffer,
  from = 'x@outside.test',
): Promise<Sent> {
  const connection = new SMTPConnection({
    host: '127.0.0.1',
    port: listener.port,
    lmtp,
    tls: { rejectUnauthorized: false },
  });
  return new Promise((resolve, reject) => {
    connection.on('error', reject);
    connection.connect(() =>
      connection.send({ from, to: [...to] }, octets, (error, info) => {
        connection.close();
        const errors = error?.rejectedErrors ?? info?.rejectedErrors ?? [];
        if (error && errors.length === 0) return reject(error);
        resolve({
          accepted: info?.accepted ?? [],
          replies: new Map(errors.map((one) => [one.recipient ?? '', one.responseCode ?? 0])),
          response: info?.response ?? '',
        });
      }),
    );
  });
}

describe('Mail arriving', () => {
  let office: Office;
  let listener: MailListener;
  const header = { From: 'x@outside.test', To: 'ann@example.test', 'Message-ID': '<m1@outside.test>', Subject: 'Hi' };

  const listen = async (options: Partial<ListenerOptions> = {}, store: Store = office.store) => {
    const delivery = mailDelivery({ store, logger: silent, now: Date.now });
    const all = { protocol: 'lmtp', host: '127.0.0.1', port: 0, hostname: 'mail.example.test', ...options } as const;
    listener = await listenForMail(all, { store, delivery, logger: silent, now: Date.now });
    return listener;
  };

  beforeEach(async () => {
    office = await openOffice();
  });
  afterEach(async () => {
    await listener.close();
    await office.close();
  });

  describe('over LMTP', () => {
    it('stores what arrived behind its trace fields, octet by octet, once for all recipients', async () => {
      await listen();
      const octets = mail(header, '.\r\n..\r\nbin \u0080\u00ff €\r\n\r\n');
      const sent = await transact(listener, true, ['ann@example.test', 'BOB+x@example.test'], octets);
      assert.equal(sent.accepted.length, 2);
      const [item] = await itemsOf(office.store, office.ann);
      const stored = await octetsOf(office.store, office.ann, item!);
      assert.deepEqual(stored.subarray(stored.length - octets.length), octets);
      const trace = stored.subarray(0, stored.length - octets.length).toString();
      assert.match(
        trace,
        /^Return-Path: <x@outside\.test>\r\nReceived: from \S+ \(\[127\.0\.0\.1\]\)\r\n by mail\.example\.test with LMTP id \S+;\r\n [^\r\n]+ \+0000\r\n$/,
      );
      assert.equal((await itemsOf(office.store, office.bob)).length, 1);
      assert.equal(item!.properties['read'], false);
    });

    it('answers for each recipient, a repeated one too (RFC 2033 section 4.2)', async () => {
      await listen();
      const client = rawClient(listener.port);
      await client.expect(/220 .*\r\n/);
      client.write(
        'LHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<ann@example.test>\r\nRCPT TO:<nobody@example.test>\r\nRCPT TO:<x@elsewhere.test>\r\nRCPT TO:<ANN@example.test>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n',
      );
      await client.expect(
        /250 Accepted\r\n550 5\.1\.1[^\r]*\r\n550 5\.7\.1[^\r]*\r\n250 Accepted\r\n250 Accepted\r\n354[^\r]*\r\n/,
      );
      client.write('Subject: x\r\n\r\nBody\r\n.\r\nQUIT\r\n');
      await client.expect(/250 [^\r]*<ann@[^\r]*\r\n250 [^\r]*<ANN@[^\r]*\r\n250 [^\r]*<bob@[^\r]*\r\n221/);
      assert.equal((await itemsOf(office.store, office.ann)).length, 1);
      assert.equal((await itemsOf(office.store, office.bob)).length, 1);
    });

    it('takes the same message once, by whatever way, and another one under its Message-ID as well', async () => {
      await listen();
      const octets = mail(header);
      await transact(listener, true, ['ann@example.test'], octets);
      await transact(listener, true, ['ann@example.test', 'bob@example.test'], octets);
      await transact(
        listener,
        true,
        ['ann@example.test'],
        Buffer.concat([Buffer.from('Received: by list; now\r\n'), octets]),
      );
      assert.equal((await itemsOf(office.store, office.ann)).length, 1);
      assert.equal((await itemsOf(office.store, office.bob)).length, 1);
      await transact(listener, true, ['ann@example.test'], mail(header, 'Quite another body.\r\n'));
      assert.equal((await itemsOf(office.store, office.ann)).length, 2);
    });

    it('refuses a message that goes round in circles', async () => {
      await listen();
      const circling = Buffer.concat([Buffer.from('Received: by somebody; now\r\n'.repeat(101)), mail(header)]);
      const { replies } = await transact(listener, true, ['ann@example.test'], circling);
      assert.equal(replies.get('ann@example.test'), 554);
      assert.deepEqual(await itemsOf(office.store, office.ann), []);
    });

    it('sends to outside members of a group, and knows the message when it comes back to the group', async () => {
      await listen();
      await office.store.directory.putGroup({
        address: 'team@example.test',
        displayName: 'Team',
        members: ['bob@example.test', 'y@outside.test'],
      });
      const octets = mail(header);
      await transact(listener, true, ['team@example.test'], octets);
      const due = await office.store.delivery.due(Date.now() + 1e9, 10);
      assert.deepEqual(
        due.map(({ sender, recipients }) => ({ sender, recipients })),
        [{ sender: 'x@outside.test', recipients: ['y@outside.test'] }],
      );
      const relayed = await office.store.delivery.queuedOctets(due[0]!.id);
      const back = await transact(listener, true, ['team@example.test', 'ann@example.test'], relayed!);
      assert.equal(back.replies.get('team@example.test'), 554);
      assert.equal((await itemsOf(office.store, office.ann)).length, 1);
      // The same arrival once more is not sent outside again.
      await transact(listener, true, ['team@example.test'], octets);
      assert.equal((await office.store.delivery.due(Date.now() + 1e9, 10)).length, 1);
      assert.equal((await itemsOf(office.store, office.bob)).length, 1);
    });

    it('refuses a message beyond the limit, announced or not, and goes on', async () => {
      await listen({ maximumMessageSize: 1000 });
      const client = rawClient(listener.port);
      await client.expect(/220/);
      client.write('LHLO me\r\n');
      await client.expect(/SIZE 1000\r\n/);
      client.write('MAIL FROM:<a@b.test> SIZE=1001\r\n');
      await client.expect(/552/);
      client.write('MAIL FROM:<a@b.test>\r\nRCPT TO:<ann@example.test>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n');
      await client.expect(/354[^\r]*\r\n/);
      client.write(`${'x'.repeat(990)}\r\n`.repeat(200));
      client.write('.\r\n');
      await client.expect(/552 5\.3\.4[^\r]*\r\n552 5\.3\.4[^\r]*\r\n/);
      client.write('MAIL FROM:<a@b.test>\r\nRCPT TO:<ann@example.test>\r\nDATA\r\nSubject: small\r\n\r\n.\r\nQUIT\r\n');
      await client.expect(/250 2\.1\.5[^\r]*\r\n221/);
      assert.equal((await itemsOf(office.store, office.ann)).length, 1);
    });

    it('keeps NUL, 8-bit, bare LF, bare CR and a line of a megabyte as they are', async () => {
      await listen();
      const odd = Buffer.concat([
        Buffer.from('Subject: odd\r\n\r\nnul \0 bare \n.\nlf bare \r.\rcr ', 'latin1'),
        Buffer.from([0x80, 0xff, 0xfe, 0xc3, 0x28]),
        Buffer.from(`\r\n${'y'.repeat(1024 * 1024)}\r\n`),
      ]);
      const client = rawClient(listener.port);
      await client.expect(/220/);
      client.write('LHLO me\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<ann@example.test>\r\nDATA\r\n');
      await client.expect(/354[^\r]*\r\n/);
      client.write(odd);
      client.write('.\r\n');
      await client.expect(/250 2\.1\.5/);
      client.socket.destroy();
      const [item] = await itemsOf(office.store, office.ann);
      const stored = await octetsOf(office.store, office.ann, item!);
      assert.deepEqual(stored.subarray(stored.length - odd.length), odd);
    });

    it('answers only when the message is on disk', async () => {
      const order: string[] = [];
      const durable = async () => {
        await office.store.durable();
        order.push('durable');
      };
      await listen({}, { ...office.store, durable });
      await transact(listener, true, ['ann@example.test'], mail(header));
      order.push('acknowledged');
      assert.deepEqual(order, ['durable', 'acknowledged']);
    });

    it('answers 451 when the store fails, and takes the message when it is sent again', async () => {
      let broken = true;
      const durable = () => (broken ? Promise.reject(new Error('disk')) : office.store.durable());
      await listen({}, { ...office.store, durable });
      const { replies } = await transact(listener, true, ['ann@example.test'], mail(header));
      assert.equal(replies.get('ann@example.test'), 451);
      broken = false;
      const again = await transact(listener, true, ['ann@example.test'], mail(header));
      assert.equal(again.accepted.length, 1);
      assert.equal((await itemsOf(office.store, office.ann)).length, 1);
    });
  });

  describe('over SMTP', () => {
    it('offers neither AUTH nor, without a certificate, STARTTLS, and relays for nobody', async () => {
      await listen({ protocol: 'smtp' });
      const client = rawClient(listener.port);
      await client.expect(/220 mail\.example\.test ESMTP/);
      client.write('EHLO me\r\n');
      const reply = await client.expect(/(?:250-[^\r]*\r\n)+250 [^\r]*\r\n/);
      assert.doesNotMatch(reply, /AUTH|STARTTLS/);
      client.write(
        'AUTH PLAIN AGEAYg==\r\nWIZ x\r\nMAIL FROM:<ann@example.test>\r\nRCPT TO:<x@elsewhere.test>\r\nRCPT TO:<"x@elsewhere.test"@example.test>\r\nDATA\r\n',
      );
      await client.expect(/500[^\r]*\r\n500[^\r]*\r\n250[^\r]*\r\n550 5\.7\.1[^\r]*\r\n501[^\r]*\r\n503/);
      client.socket.destroy();
    });

    it('encrypts after STARTTLS when it has a certificate', async () => {
      const [key, cert] = [join(office.directory, 'k.pem'), join(office.directory, 'c.pem')];
      execFileSync(
        'openssl',
        ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-keyout', key, '-out', cert],
        { stdio: 'ignore' },
      );
      await listen({ protocol: 'smtp', tls: { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') } });
      await transact(listener, false, ['ann@example.test'], mail(header));
      const [item] = await itemsOf(office.store, office.ann);
      assert.match(
        (await octetsOf(office.store, office.ann, item!)).toString(),
        /with ESMTPS id [^;]* for <ann@example\.test>;/s,
      );
    });

    it('bounces to the sender when some recipients fall out behind the one reply', async () => {
      await listen({ protocol: 'smtp' });
      await office.store.directory.putGroup({
        address: 'team@example.test',
        displayName: 'Team',
        members: ['bob@example.test', 'y@outside.test'],
      });
      const circled = Buffer.concat([Buffer.from('X-Easel-Group: team@example.test\r\n'), mail(header)]);
      await transact(listener, false, ['team@example.test', 'bob@example.test'], circled, 'ann@example.test');
      assert.equal((await itemsOf(office.store, office.bob)).length, 1);
      const [bounce] = await itemsOf(office.store, office.ann);
      assert.match(
        (await octetsOf(office.store, office.ann, bounce!)).toString(),
        /Final-Recipient: rfc822; team@example\.test\r\nAction: failed\r\nStatus: 5\.4\.6/,
      );
    });

    it('turns away who talks before the greeting', async () => {
      await listen({ protocol: 'smtp' });
      const client = rawClient(listener.port);
      client.write('EHLO me\r\nMAIL FROM:<a@b.test>\r\n');
      await client.expect(/421/);
      await until(() => client.closed());
    });

    it('turns away who guesses addresses', async () => {
      await listen({ protocol: 'smtp' });
      const client = rawClient(listener.port);
      await client.expect(/220/);
      client.write(
        `EHLO me\r\nMAIL FROM:<a@b.test>\r\n${Array.from({ length: 60 }, (_, at) => `RCPT TO:<guess${at}@example.test>\r\n`).join('')}`,
      );
      await client.expect(/421 4\.7\.0/);
      await until(() => client.closed());
    });

    it('delivers nothing when the connection is cut within DATA', async () => {
      await listen({ protocol: 'smtp' });
      const client = rawClient(listener.port);
      await client.expect(/220/);
      client.write('EHLO me\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<ann@example.test>\r\nDATA\r\n');
      await client.expect(/354/);
      client.write('Subject: half\r\n\r\nThis is\r\n');
      client.socket.end();
      await until(() => client.closed());
      assert.deepEqual(await itemsOf(office.store, office.ann), []);
      await transact(listener, false, ['ann@example.test'], mail(header));
      assert.equal((await itemsOf(office.store, office.ann)).length, 1);
    });

    it('closes silent connections, and refuses more than it may have', async () => {
      await listen({ protocol: 'smtp', maximumConnections: 1, idleTimeout: 1500 });
      const silentOne = rawClient(listener.port);
      await silentOne.expect(/220/);
      const second = rawClient(listener.port);
      await second.expect(/421/);
      await silentOne.expect(/421|420/);
      await until(() => silentOne.closed());
    });

    it('closes at once while clients idle, and after the message that is under way', async () => {
      await listen({ protocol: 'smtp' });
      const idle = rawClient(listener.port);
      const busy = rawClient(listener.port);
      await Promise.all([idle.expect(/220/), busy.expect(/220/)]);
      busy.write('EHLO me\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<ann@example.test>\r\nDATA\r\n');
      await busy.expect(/354/);
      const closing = listener.close();
      await idle.expect(/421/);
      busy.write('Subject: last\r\n\r\n.\r\n');
      await busy.expect(/250 2\.1\.5/);
      busy.write('QUIT\r\n');
      await closing;
      assert.equal((await itemsOf(office.store, office.ann)).length, 1);
      await listen();
    });

    it('answers any octets in an orderly way', async () => {
      await listen({ protocol: 'smtp' });
      for (let seed = 0; seed < 20; seed++) {
        const client = rawClient(listener.port);
        await client.expect(/220/);
        const junk = Buffer.alloc(20_000);
        for (let at = 0; at < junk.length; at++) junk[at] = (at * 2654435761 + seed * 40503) >>> 13;
        client.write(junk);
        client.write('\r\nQUIT\r\n');
        await until(() => client.closed());
      }
      await transact(listener, false, ['ann@example.test'], mail(header));
      assert.equal((await itemsOf(office.store, office.ann)).length, 1);
    });
  });
});
