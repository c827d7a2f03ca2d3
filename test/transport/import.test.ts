// Importing mail from files, compared octet by octet.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import type { Item } from '../../src/store/mailbox-store.ts';
import type { ImportReport, MailImport } from '../../src/transport/import/import-mail.ts';
import { importMail } from '../../src/transport/import/import-mail.ts';
import { decodeFolderName, deliveryTime } from '../../src/transport/import/maildir.ts';
import { separatorDate, unquoted } from '../../src/transport/import/mbox.ts';
import type { Office } from './office.ts';
import { itemsIn, itemsOf, mail, octetsOf, openOffice } from './office.ts';

const digest = (octets: Buffer) => createHash('sha256').update(octets).digest('hex');

describe('Importing mail', () => {
  let office: Office;
  const path = (...names: string[]) => join(office.directory, ...names);
  const put = async (name: string, content: string | Buffer, modified?: Date) => {
    await mkdir(dirname(path(name)), { recursive: true });
    await writeFile(path(name), content);
    if (modified !== undefined) await utimes(path(name), modified, modified);
  };
  const run = (name: string, options: Partial<MailImport> = {}): Promise<ImportReport> =>
    importMail({ store: office.store, user: office.ann, path: path(name), ...options });
  const inFolder = async (...names: string[]): Promise<readonly Item[]> => {
    let parent: Item['folderId'] | 0 = 0;
    for (const name of names) {
      const folders = await office.store.mailboxes.folders(office.ann.mailboxId);
      const folder = folders.find((one) => one.name === name && one.parentId === parent);
      if (folder === undefined) throw new Error(`no folder ${names.join('/')}`);
      parent = folder.id;
    }
    return itemsIn(office.store, office.ann, parent as Item['folderId']);
  };
  const digests = async (items: readonly Item[]) =>
    (await Promise.all(items.map(async (item) => digest(await octetsOf(office.store, office.ann, item))))).sort();

  beforeEach(async () => {
    office = await openOffice();
  });
  afterEach(() => office.close());

  describe('from a Maildir', () => {
    it('keeps octets, flags and dates, whatever the octets are', async () => {
      const octets = [
        mail({ Subject: 'seen' }),
        Buffer.from('Subject: bare LF\n\nBody without end'),
        Buffer.from([0, 255, 10, 13, 10, 200, 0]),
        Buffer.from('From someone Mon Jan  1 00:00:00 2024\nSubject: x\n\n>From y\n'),
      ];
      await put('md/cur/1700000000.M1.host:2,RS', octets[0]!, new Date(1_600_000_000_000));
      await put('md/cur/1700000001.M2.host:2,FT', octets[1]!, new Date(1_700_000_001_000));
      await put('md/new/1700000002.M3.host', octets[2]!, new Date(1_790_000_000_000));
      await put('md/cur/odd-name:2,DP', octets[3]!, new Date(1_500_000_000_000));
      await mkdir(path('md/tmp'));
      const report = await run('md');
      assert.deepEqual(
        { ...report, octets: 0 },
        { imported: 4, present: 0, octets: 0, unreadable: [], unreadableCount: 0, complete: true },
      );
      const inbox = await itemsOf(office.store, office.ann);
      const [trashed] = await itemsOf(office.store, office.ann, 4);
      assert.deepEqual(await digests([...inbox, trashed!]), octets.map(digest).sort());
      const by = (sha: Buffer) => inbox.find((item) => item.message!.sha256 === digest(sha))!;
      assert.equal(by(octets[0]!).properties['read'], true);
      assert.equal(by(octets[0]!).properties['lastVerb'], 1);
      assert.equal(by(octets[0]!).sortDate, 1_600_000_000_000, 'the modification time that the IMAP server set');
      assert.deepEqual(trashed!.properties['flag'], { status: 2, flagType: 'Flag for follow up' });
      assert.equal(trashed!.properties['read'], false);
      assert.equal(by(octets[2]!).sortDate, 1_700_000_002_000, 'the name, for the modification time is that of a copy');
      assert.equal(by(octets[3]!).properties['isDraft'], true);
      assert.equal(by(octets[3]!).sortDate, 1_500_000_000_000);
      assert.equal(by(octets[3]!).filterDate, 1_500_000_000_000);
    });

    it('puts Maildir++ and nested folders where they belong', async () => {
      await put('md/cur/1.a:2,', mail({ Subject: '1' }));
      await put('md/.Sent/cur/1.a:2,S', mail({ Subject: '2' }));
      await put('md/.Work.Reports &- B&APw-cher/cur/1.a:2,', mail({ Subject: '3' }));
      await put('md/Nested/new/1.a', mail({ Subject: '4' }));
      await mkdir(path('md/Nested/cur'));
      await put('md/.INBOX.Below/cur/1.a:2,', mail({ Subject: '5' }));
      await mkdir(path('md/.Empty/cur'), { recursive: true });
      await mkdir(path('md/nothing/else'), { recursive: true });
      const report = await run('md');
      assert.equal(report.imported, 5);
      assert.equal((await inFolder('Sent Items')).length, 1);
      assert.equal((await inFolder('Work', 'Reports & Bücher')).length, 1);
      assert.equal((await inFolder('Nested')).length, 1);
      assert.equal((await inFolder('Inbox', 'Below')).length, 1);
      assert.equal((await inFolder('Empty')).length, 0);
      const folders = await office.store.mailboxes.folders(office.ann.mailboxId);
      assert.ok(!folders.some(({ name }) => name === 'nothing'));
    });

    it('goes on where it was interrupted, and adds only what is new', async () => {
      const all = Array.from({ length: 450 }, (_, at) => mail({ Subject: `number ${at}` }, `${at}\r\n`));
      for (const [at, octets] of all.entries()) await put(`md/cur/${1_700_000_000 + at}.M.h:2,S`, octets);
      const stop = new AbortController();
      const first = await run('md', { signal: stop.signal, onProgress: () => stop.abort() });
      assert.equal(first.complete, false);
      assert.equal(first.imported, 200);
      office = await office.reopen();
      const second = await run('md');
      assert.deepEqual([second.imported, second.present, second.complete], [250, 200, true]);
      assert.deepEqual(await digests(await itemsOf(office.store, office.ann)), all.map(digest).sort());
      await put('md/new/1800000000.M.h', mail({ Subject: 'late' }));
      const third = await run('md');
      assert.deepEqual([third.imported, third.present], [1, 450]);
    });

    it('reports what cannot be read, and imports the rest', async () => {
      await put('md/cur/1.a:2,', mail({ Subject: '1' }));
      await put('md/cur/2.empty:2,', '');
      await mkdir(path('md/cur/3.directory'));
      const report = await run('md');
      assert.equal(report.imported, 1);
      assert.deepEqual(
        report.unreadable.map(({ origin }) => origin),
        [path('md/cur/2.empty:2,'), path('md/cur/3.directory')],
      );
    });
  });

  describe('from an mbox file', () => {
    const from = 'From x@outside.test Mon Jan  1 12:00:00 2024\n';

    it('gives back each message octet by octet, mboxrd quoting undone, dates and Status kept', async () => {
      const messages = [
        'Subject: a\nStatus: RO\nX-Status: F\n\nBody\nFrom the start of a line\n>From quoted\n',
        'Subject: b\r\n\r\nCRLF\r\n\r\n',
        'Subject: c\n\n\n\nFrom x Mon not a separator\n\n',
      ];
      const quoted = messages.map((text) => text.replace(/^(>*From )/gm, '>$1'));
      await put('box', quoted.map((text) => `${from}${text}${text.includes('\r') ? '\r\n' : '\n'}`).join(''));
      const report = await run('box');
      assert.equal(report.imported, 3);
      const items = await itemsOf(office.store, office.ann);
      assert.deepEqual(await digests(items), messages.map((text) => digest(Buffer.from(text))).sort());
      const first = items.find((item) => item.message!.derived.subject === 'a')!;
      assert.equal(first.properties['read'], true);
      assert.equal(first.sortDate, Date.UTC(2024, 0, 1, 12));
    });

    it('gives back any messages after mboxrd quoting, however the chunks fall', async () => {
      const line = fc.constantFrom(
        'From ',
        'From x Mon Jan  1 00:00:00 2024',
        '>From a',
        '>>From b',
        '',
        ' ',
        'text',
        'Fro',
        '>',
        'x'.repeat(3000),
      );
      const message = fc
        .array(line, { minLength: 1, maxLength: 30 })
        .map((lines) => `Subject: s\n\n${lines.join('\n')}\n`);
      const sizes = fc.array(message, { minLength: 1, maxLength: 8 });
      let round = 0;
      await fc.assert(
        fc.asyncProperty(sizes, async (messages) => {
          // Padding moves what follows over the border between two chunks of 1 MiB.
          const padding = `Subject: padding ${round}\n\n${`${'p'.repeat(1000)}\n`.repeat(1048)}`;
          const all = [
            `${padding}${'q'.repeat(round % 700)}\n`,
            ...messages.map((text, at) => `X-Number: ${round}.${at}\n${text}`),
          ];
          const name = `box${round++}`;
          await put(name, all.map((text) => `${from}${text.replace(/^(>*From )/gm, '>$1')}\n`).join(''));
          const report = await run(name, { folder: name });
          assert.equal(report.imported, all.length);
          assert.deepEqual(await digests(await inFolder(name)), all.map((text) => digest(Buffer.from(text))).sort());
        }),
        { numRuns: 25 },
      );
    }).timeout(60_000);

    it('reads a large file in bounded memory', async () => {
      const message = `Subject: large\n\n${`${'y'.repeat(75)}\n`.repeat(13_000)}`;
      await put('large', Array.from({ length: 60 }, (_, at) => `${from}X-Number: ${at}\n${message}\n`).join(''));
      let peak = 0;
      const base = process.memoryUsage().rss;
      const report = await run('large', {
        onProgress: () => (peak = Math.max(peak, process.memoryUsage().rss - base)),
      });
      assert.equal(report.imported, 60);
      assert.ok(peak < 250 * 1024 * 1024, `${peak} octets`);
    }).timeout(60_000);

    it('understands the dates of separators', () => {
      const expected = Date.UTC(2024, 0, 1, 12);
      for (const line of [
        'From x Mon Jan  1 12:00:00 2024',
        'From - Mon Jan 01 12:00:00 2024',
        'From x Mon Jan  1 12:00 2024',
        'From x Mon Jan  1 14:00:00 +0200 2024',
        'From x Mon Jan  1 14:00:00 2024 +0200',
        'From x Mon, 1 Jan 2024 13:00:00 +0100',
      ]) {
        assert.equal(separatorDate(line), expected, line);
      }
    });

    it('takes one sign of quoting off, only at the beginning of lines', () => {
      assert.equal(
        unquoted(Buffer.from('>From a\n>>From b\nx>From c\n> From d')).toString(),
        'From a\n>From b\nx>From c\n> From d',
      );
    });
  });

  describe('from .eml files', () => {
    it('takes one file, or a directory of them with mbox files among them', async () => {
      const one = mail({ Subject: 'one', Date: 'Tue, 2 Jan 2024 00:00:00 +0000' });
      const two = mail({
        Subject: 'two',
        Received: 'from a by b;\r\n Wed, 3 Jan 2024 00:00:00 +0000',
        Date: 'Tue, 2 Jan 2024 00:00:00 +0000',
      });
      await put('mail/a/one.eml', one);
      await put('mail/b/TWO.EML', two);
      await put('mail/readme.txt', 'not mail');
      await put('mail/Archive', 'From - Mon Jan 01 12:00:00 2024\nX-Mozilla-Status: 0003\nSubject: three\n\nBody\n');
      const report = await run('mail');
      assert.equal(report.imported, 3);
      const dates = (await itemsOf(office.store, office.ann)).map((item) => item.sortDate);
      assert.deepEqual(dates, [Date.UTC(2024, 0, 3), Date.UTC(2024, 0, 2)]);
      const [three] = await inFolder('Archive');
      assert.equal(three!.properties['read'], true);
      assert.equal(three!.properties['lastVerb'], 1);
      const single = await run('mail/a/one.eml', { folder: 'Projects/Old', markRead: true });
      assert.equal(single.imported, 1);
      const [again] = await inFolder('Projects', 'Old');
      assert.equal(again!.properties['read'], true);
      assert.deepEqual(await octetsOf(office.store, office.ann, again!), one);
    });

    it('fails when there is nothing at the path', async () => {
      await assert.rejects(run('nowhere'), { code: 'ENOENT' });
    });
  });

  it('reads the folder names of IMAP', () => {
    for (const [encoded, name] of [
      ['Entw&APw-rfe', 'Entwürfe'],
      ['A&-B', 'A&B'],
      ['&U,BTFw-', '台北'],
      ['a&b', 'a&b'],
      ['&A-', '&A-'],
    ] as const) {
      assert.equal(decodeFolderName(encoded), name);
    }
  });

  it('believes the modification time only when it is not later than the delivery', () => {
    assert.equal(deliveryTime('1700000000.x', 1_600_000_000_000), 1_600_000_000_000);
    assert.equal(deliveryTime('1700000000.x', 1_800_000_000_000), 1_700_000_000_000);
    assert.equal(deliveryTime('odd', 1_600_000_000_000), undefined);
  });
});
