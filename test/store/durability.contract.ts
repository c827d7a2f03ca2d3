// Contract of every engine: what was acknowledged after `durable()` is there after kill -9.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ItemId } from '../../src/protocol/ids.ts';
import { contract, mail, office, written } from './engine.ts';

const child = fileURLToPath(new URL('acknowledging-writer.ts', import.meta.url));

export const durabilityContract = contract('durability', (context) => {
  it('durable() resolves, also with nothing to do, for many at once, and while others write', async () => {
    const { store } = context;
    await store.durable();
    const { mailbox, inbox } = await office(store, 'ada');
    const write = async (date: number) => {
      await written(store, mailbox, [mail(inbox, date)]);
      await store.durable();
    };
    await Promise.all(Array.from({ length: 100 }, (_, date) => write(date)));
    await store.durable();
    await Promise.all([store.durable(), write(1), store.durable()]);
  });

  it('everything acknowledged before kill -9 is there afterwards, and nothing in halves', async function () {
    this.timeout(60_000);
    const { mailbox, inbox, sent } = await office(context.store, 'ada');
    await context.store.close();
    for (const count of [1, 40, 400]) {
      const acknowledged = await runAndKill(
        [JSON.stringify(context.options), `${mailbox}`, `${inbox}`, `${sent}`],
        count,
      );
      const store = await context.reopen();
      for (const pair of acknowledged) {
        const found = await store.mailboxes.items(mailbox, pair);
        assert.deepEqual(
          found.map(({ id }) => id),
          pair,
        );
      }
      const range = { snapshot: Number.MAX_SAFE_INTEGER, cursor: undefined, floor: 0 };
      const inInbox = await store.mailboxes.countBackfill(mailbox, inbox, range);
      assert.equal(inInbox, await store.mailboxes.countBackfill(mailbox, sent, range));
      await store.close();
    }
  });
});

/** Runs the writer until it has acknowledged so many units, kills it, and gives the ids of each unit. */
async function runAndKill(args: readonly string[], count: number): Promise<ItemId[][]> {
  const process = spawn(globalThis.process.execPath, ['--import', 'tsx', child, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(process, 'exit');
  const acknowledged: ItemId[][] = [];
  for await (const line of createInterface({ input: process.stdout })) {
    acknowledged.push(line.split(' ').map((id) => Number(id) as ItemId));
    if (acknowledged.length === count) process.kill('SIGKILL');
  }
  const [, signal] = await exit;
  assert.equal(signal, 'SIGKILL');
  assert.ok(acknowledged.length >= count);
  return acknowledged;
}
