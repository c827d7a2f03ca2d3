// What was acknowledged is there after the process was killed (design invariant: acknowledged only after its effects are durable).
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { openStore } from '../../src/store/open-store.ts';
import { itemsOf, mail, octetsOf, openOffice, until } from './office.ts';

const script = fileURLToPath(new URL('./lmtp-process.ts', import.meta.url));

async function start(file: string): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, port: Number(line.toString()) };
}

/** Sends message after message over one connection until it breaks; `acknowledged` gets the bodies that were answered with 250. */
function sendUntilCut(port: number, name: string, acknowledged: Set<string>): Promise<void> {
  const connection = new SMTPConnection({ host: '127.0.0.1', port, lmtp: true });
  return new Promise((resolve) => {
    connection.on('error', () => resolve());
    connection.on('end', () => resolve());
    let count = 0;
    const next = () => {
      const body = `${name} ${count++} ${'z'.repeat((count * 977) % 20_000)}\r\n`;
      const envelope = { from: 'x@outside.test', to: ['ann@example.test'] };
      const octets = mail({ From: 'x@outside.test', 'Message-ID': `<${name}.${count}@outside.test>` }, body);
      connection.send(envelope, octets, (error, info) => {
        if (error) return resolve();
        if (info?.accepted.length === 1) acknowledged.add(body);
        next();
      });
    };
    connection.connect(next);
  });
}

describe('A mail listener that is killed', () => {
  it('has stored every message that it acknowledged, whole, and none twice', async function () {
    this.timeout(60_000);
    const office = await openOffice();
    await office.store.close();
    const acknowledged = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const { child, port } = await start(office.file);
      const before = acknowledged.size;
      const senders = [0, 1, 2].map((sender) => sendUntilCut(port, `r${round}s${sender}`, acknowledged));
      await until(() => acknowledged.size >= before + 40);
      child.kill('SIGKILL');
      await Promise.all([once(child, 'exit'), ...senders]);
    }
    const store = await openStore({ kind: 'sqlite', file: office.file });
    const bodies: string[] = [];
    for (const item of await itemsOf(store, office.ann)) {
      const octets = await octetsOf(store, office.ann, item);
      bodies.push(octets.toString().split('\r\n\r\n')[1]!);
    }
    assert.equal(new Set(bodies).size, bodies.length);
    const missing = [...acknowledged].filter((body) => !bodies.includes(body));
    assert.deepEqual(missing, []);
    await store.close();
    await rm(office.directory, { recursive: true });
  });
});
