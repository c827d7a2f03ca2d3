// SendMail: raw messages at 12.1, documents later, and what is refused.
import assert from 'node:assert/strict';
import type { FolderId } from '../../src/protocol/ids.ts';
import { ComposeMail as C, type Element, RightsManagement } from '../../wbxml/index.ts';
import { allVersions, Bench, el, textAt } from './bench.ts';

const mail = (to = 'bob@example.test', body = 'Hello') =>
  Buffer.from(`From: ann@example.test\r\nTo: ${to}\r\nSubject: Greetings\r\n\r\n${body}\r\n`);

function document(clientId: string | undefined, mime: Buffer | string, ...rest: Element[]): Element {
  return el(C.SendMail, clientId === undefined ? undefined : el(C.ClientId, clientId), ...rest, el(C.Mime, mime));
}

describe('SendMail', () => {
  let bench: Bench;
  let sent: FolderId;
  let bobsInbox: FolderId;
  beforeEach(async () => {
    bench = await Bench.open();
    sent = await bench.folder(5);
    bobsInbox = await bench.folder(2, bench.bob);
  });
  afterEach(() => bench.store.close());

  async function subjects(folder: FolderId, mailbox = bench.ann.mailboxId): Promise<string[]> {
    const { changes } = await bench.store.mailboxes.changesAfter(mailbox, folder, 0, 100);
    return changes.flatMap((change) => (change.kind === 'item' ? [change.item.message?.derived.subject ?? ''] : []));
  }

  for (const version of allVersions) {
    it(`sends at ${version} and answers without a body (MS-ASCMD R443, R463, R4379)`, async () => {
      const device = bench.device(version);
      const request = version < 14 ? mail() : document('c1', mail());
      assert.equal((await device.send('SendMail', request)).kind, 'empty');
      assert.deepEqual(await subjects(bobsInbox, bench.bob.mailboxId), ['Greetings']);
      assert.deepEqual(await subjects(sent), [], 'no copy unless asked for');
    });

    it(`keeps a copy at ${version} when asked to`, async () => {
      const device = bench.device(version);
      const request = version < 14 ? mail() : document('c1', mail(), el(C.SaveInSentItems));
      await device.send('SendMail', request, { query: { saveInSent: true } });
      assert.deepEqual(await subjects(sent), ['Greetings']);
    });
  }

  it('takes a message in a text as well', async () => {
    await bench.device(16.1).send('SendMail', document('c1', mail().toString()));
    assert.deepEqual(await subjects(bobsInbox, bench.bob.mailboxId), ['Greetings']);
  });

  it('sends nothing twice under one ClientId: 118 (MS-ASCMD R4848)', async () => {
    const device = bench.device(14.1);
    await device.send('SendMail', document('c1', mail()));
    const again = await device.ask('SendMail', document('c1', mail()));
    assert.deepEqual(again, el(C.SendMail, el(C.Status, 118)));
    assert.equal((await device.send('SendMail', document('c2', mail('bob@example.test', 'More')))).kind, 'empty');
    assert.equal((await subjects(bobsInbox, bench.bob.mailboxId)).length, 2);
  });

  const refusals: [name: string, status: string, request: Element][] = [
    [
      'without a recipient (MS-ASCMD R4853)',
      '119',
      document('c', Buffer.from('From: ann@example.test\r\nSubject: x\r\n\r\nx')),
    ],
    ['that is no message (MS-ASCMD R4826)', '107', document('c', '')],
    ['from an account that there is not (MS-ASCMD R724, R4956)', '166', document('c', mail(), el(C.AccountId, 'x'))],
    [
      'with a rights policy template (MS-ASRM R196)',
      '168',
      document('c', mail(), el(RightsManagement.TemplateID, 'x')),
    ],
    ['without a ClientId (MS-ASCMD R4817)', '103', document(undefined, mail())],
    ['with an endless ClientId', '103', document('x'.repeat(41), mail())],
    ['without Mime', '103', el(C.SendMail, el(C.ClientId, 'c'))],
    ['with an element of another command', '103', document('c', mail(), el(C.ReplaceMime))],
  ];
  for (const [name, status, request] of refusals) {
    it(`refuses a message ${name} with ${status} (MS-ASCMD R4380)`, async () => {
      const answer = await bench.device(14.1).ask('SendMail', request);
      assert.equal(textAt(answer, C.Status), status);
      assert.deepEqual(await subjects(bobsInbox, bench.bob.mailboxId), []);
    });
  }

  it('knows AccountId and templates from 14.1 on (MS-ASCMD R6134)', async () => {
    const answer = await bench.device(14).ask('SendMail', document('c', mail(), el(C.AccountId, 'x')));
    assert.equal(textAt(answer, C.Status), '103');
  });

  it('says it by HTTP at 12.1 (MS-ASCMD R7462)', async () => {
    const device = bench.device(12.1);
    assert.equal((await device.send('SendMail', Buffer.from('Subject: x\r\n\r\nx'))).status, 400);
  });

  it('reports a message that is too large with a status', async () => {
    const large = mail('bob@example.test', 'x'.repeat(2 * 1024 * 1024));
    const answer = await bench.device(14.1).ask('SendMail', document('c', large));
    assert.equal(textAt(answer, C.Status), '122');
  });
});
