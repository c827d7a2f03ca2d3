// A process that writes and says what is durable, until it is killed: options as JSON, mailbox, two folders.
import type { FolderId, MailboxId } from '../../src/protocol/ids.ts';
import { openStore } from '../../src/store/open-store.ts';
import { mail, message, written } from './engine.ts';

const [options = '', mailbox, first, second] = process.argv.slice(2);
const store = await openStore(JSON.parse(options));

/** Puts one item into each folder in one unit, again and again. */
async function writer(): Promise<never> {
  for (let date = 0; ; date++) {
    const writes = [first, second].map((folder) => mail(Number(folder) as FolderId, date, { message: message('m') }));
    const ids = await written(store, Number(mailbox) as MailboxId, writes);
    await store.durable();
    process.stdout.write(`${ids.join(' ')}\n`);
  }
}

await Promise.all([writer(), writer(), writer(), writer()]);
