// What the SQLite store costs: processor time of one operation, each against its goal. `npx tsx benchmarks/store/run.ts`
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DerivedMessage } from '../../src/mime/message.ts';
import type { FolderId, ItemId, MailboxId, PartnershipId } from '../../src/protocol/ids.ts';
import type { NewMessage } from '../../src/store/mailbox-store.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';

interface Mailbox {
  readonly id: MailboxId;
  readonly inbox: FolderId;
  readonly sent: FolderId;
  readonly partnership: PartnershipId;
}

const texts = new Map([2_048, 4_096].map((size) => [size, 'plain text '.repeat(Math.ceil(size / 11)).slice(0, size)]));
const octetsOf = new Map([2_048, 4_096].map((size) => [size, Buffer.alloc(size, 'octets of a message\r\n')]));
const preview = 'Words of a preview. '.repeat(13).slice(0, 255);
const directory = mkdtempSync(join(tmpdir(), 'store-benchmark-'));
const store = await openStore({ kind: 'sqlite', file: join(directory, 'store.db') });
try {
  const alice = await mailboxOf(store, 'alice');
  const bob = await mailboxOf(store, 'bob');
  const rows = [
    await submitRow(store, alice, bob),
    await commitRow(store, alice),
    await quietRow(store, bob),
    await backfillRow(store, bob),
    await bodiesRow(store, bob),
    await durableRow(store, alice),
  ];
  console.table(rows);
} finally {
  await store.close();
  rmSync(directory, { recursive: true });
}

async function mailboxOf(store: Store, name: string): Promise<Mailbox> {
  await store.directory.putDomain('example.org');
  const put = await store.directory.putUser(name, 'example.org', { displayName: name });
  if (!('user' in put)) throw new Error(put.kind);
  const { id, mailboxId } = put.user;
  const device = await store.devices.findOrCreate(id, { deviceId: 'd', deviceType: 't', userAgent: '' }, 10);
  const inbox = await store.mailboxes.folderOfType(mailboxId, 2);
  const sent = await store.mailboxes.folderOfType(mailboxId, 5);
  if (device === undefined || inbox === undefined || sent === undefined) throw new Error('no mailbox');
  return { id: mailboxId, inbox: inbox.id, sent: sent.id, partnership: device.id };
}

/** A message of `size` octets, with what is derived from it in the usual shape; making it should cost next to nothing. */
function messageOf(subject: string, size: 2_048 | 4_096): NewMessage {
  const derived: DerivedMessage = {
    subject,
    threadTopic: subject,
    from: '"Bob Example" <bob@example.org>',
    sender: '',
    to: '"Alice Example" <alice@example.org>, "Carol Example" <carol@example.org>',
    cc: '',
    bcc: '',
    replyTo: '',
    displayTo: 'Alice Example; Carol Example',
    fromAddresses: ['bob@example.org'],
    messageId: `<${subject}@example.org>`,
    inReplyTo: '',
    references: [],
    date: 1_790_000_000_000,
    importance: 1,
    messageClass: 'IPM.Note',
    smime: 'none',
    internetCpid: '65001',
    nativeBodyType: 1,
    plainSize: size,
    htmlSize: 0,
    preview: preview,
    attachments: [],
    readReceiptRequested: false,
  };
  return { octets: octetsOf.get(size)!, derived, bodies: { plain: texts.get(size)! } };
}

/** Runs `work` `count` times and gives the microseconds of processor time (of all threads) for one. */
async function microseconds(count: number, work: (index: number) => Promise<unknown>): Promise<number> {
  for (let index = 0; index < Math.min(count, 200); index++) await work(index);
  const before = process.cpuUsage();
  for (let index = 0; index < count; index++) await work(200 + index);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

function row(operation: string, measured: number, goal: number, unit: string) {
  return {
    operation,
    measured: Number(measured.toFixed(1)),
    goal,
    unit,
    'times better than the goal': Number((goal / measured).toFixed(2)),
  };
}

/** As {@link row}, for what should be large. */
function rate(operation: string, measured: number, goal: number, unit: string) {
  return {
    ...row(operation, measured, goal, unit),
    'times better than the goal': Number((measured / goal).toFixed(2)),
  };
}

async function submitRow(store: Store, from: Mailbox, to: Mailbox) {
  const one = await microseconds(20_000, (index) =>
    store.delivery.submit({
      message: messageOf(`Message number ${index}`, 2_048),
      onceMark: `${from.id}/${index}`,
      deliveries: [
        {
          mailbox: to.id,
          folderId: to.inbox,
          properties: { read: false },
          received: 1_790_000_000_000 + index * 1_000,
          by: 0,
          duplicateMark: `${index}`,
        },
        {
          mailbox: from.id,
          folderId: from.sent,
          properties: { read: true },
          received: 1_790_000_000_000 + index * 1_000,
          by: 0,
        },
      ],
    }),
  );
  return row('submit 2 kB to one mailbox and Sent Items', one, 120, 'µs');
}

async function commitRow(store: Store, mailbox: Mailbox) {
  const [item] = await store.mailboxes.backfill(mailbox.id, mailbox.sent, {
    snapshot: Number.MAX_SAFE_INTEGER,
    cursor: undefined,
    floor: 0,
    limit: 1,
  });
  if (item === undefined) throw new Error('no item');
  let { changed } = item;
  let key: number | undefined;
  const data = JSON.stringify({
    reached: 20_000,
    snapshot: 20_000,
    cursor: [1_790_000_000_000, 123],
    options: { filter: 3, body: [1, 4096] },
  });
  const one = await microseconds(20_000, async () => {
    const expectedKey = key;
    key = (key ?? 0) + 1;
    const current = { key, data };
    const outcome = await store.mailboxes.commitSync({
      mailbox: mailbox.id,
      partnership: mailbox.partnership,
      collection: mailbox.sent,
      expectedKey,
      writes: [{ kind: 'update', itemId: item.id, properties: { read: key % 2 === 0 }, expected: changed }],
      generations: () => ({ current, ...(expectedKey !== undefined && { previous: { key: expectedKey, data } }) }),
    });
    if (outcome.kind === 'stale') throw new Error('stale');
    changed++;
  });
  return rate('commitSync with one update', 1e6 / one, 15_000, '1/s');
}

async function quietRow(store: Store, { id, inbox }: Mailbox) {
  const counter = await store.mailboxes.counter(id);
  const one = await microseconds(100_000, () => store.mailboxes.changesAfter(id, inbox, counter, 512));
  return row('changesAfter with nothing new', one, 10, 'µs');
}

async function backfillRow(store: Store, { id, inbox }: Mailbox) {
  let cursor: { sortDate: number; id: ItemId } | undefined;
  const one = await microseconds(200, async () => {
    const items = await store.mailboxes.backfill(id, inbox, {
      snapshot: Number.MAX_SAFE_INTEGER,
      cursor,
      floor: 0,
      limit: 512,
    });
    const last = items.at(-1);
    cursor = items.length < 512 || last === undefined ? undefined : { sortDate: last.sortDate, id: last.id };
  });
  return row('backfill of 512 items', one / 1_000, 5, 'ms');
}

async function bodiesRow(store: Store, { id, inbox }: Mailbox) {
  for (let index = 0; index < 512; index++) {
    await store.delivery.submit({
      message: messageOf(`Body ${index}`, 4_096),
      deliveries: [{ mailbox: id, folderId: inbox, properties: {}, received: 1_791_000_000_000 + index, by: 0 }],
    });
  }
  const items = await store.mailboxes.backfill(id, inbox, {
    snapshot: Number.MAX_SAFE_INTEGER,
    cursor: undefined,
    floor: 0,
    limit: 512,
  });
  const wanted = items.map(({ id: itemId }) => ({ itemId, kind: 'plain' as const }));
  const one = await microseconds(200, () => store.mailboxes.bodies(id, wanted));
  return row('bodies of 512 plain texts of 4 kB', one / 1_000, 3, 'ms');
}

/** Commits a second that are on disk before their answer, 64 requests at a time. */
async function durableRow(store: Store, { id, sent }: Mailbox) {
  const each = 200;
  const started = performance.now();
  const request = async () => {
    for (let index = 0; index < each; index++) {
      await store.mailboxes.write(
        id,
        [{ kind: 'create', folderId: sent, contentClass: 'Email', properties: {}, sortDate: index, filterDate: index }],
        0,
      );
      await store.durable();
    }
  };
  await Promise.all(Array.from({ length: 64 }, request));
  return rate(
    'durable commits a second, 64 at a time',
    (64 * each) / ((performance.now() - started) / 1_000),
    4_800,
    '1/s',
  );
}
