// Measures push and sending against goals and floors, on a database file with everything fsynced:
//   node --import tsx benchmarks/push-and-send/run.ts [push|send|all]
// push: from the LMTP acknowledgement to the answers of the Pings held on that mailbox. send: SendMail per CPU second of the server.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { Phone } from '../../src/client/index.ts';
import { compiledBenchmark, nodeFlags } from '../compiled.ts';
import type { ServerFacts } from './server.ts';

const users = 100;
const devicesEach = 10;
const deliveries = 300;
/** Deliveries that warm up and are not counted. */
const warming = 50;
const sends = 3000;
const senders = 8;
/** SendMails per CPU second of the fastest well-known open server, measured elsewhere. */
const peerRate = 63;

const program = compiledBenchmark('push-and-send/server.js');

interface Server {
  readonly facts: ServerFacts;
  usage(): Promise<number>;
  stop(): Promise<void>;
}

async function start(count: number): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-benchmark-'));
  const child: ChildProcess = fork(program, [folder, String(count)], { execArgv: [...nodeFlags] });
  const next = () => new Promise<ServerFacts>((resolve) => child.once('message', resolve));
  return {
    facts: await next(),
    async usage() {
      const answer = next();
      child.send('usage');
      return (await answer).cpuMicroseconds;
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

function message(from: string, to: string, number: string): Buffer {
  const header =
    `From: ${from}\r\nTo: ${to}\r\nSubject: Number ${number}\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\n` +
    `Message-ID: <${number}@bench.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n`;
  return Buffer.from(header + 'The quick brown fox jumps over the lazy dog.\r\n'.repeat(40));
}

class LmtpSender {
  readonly #connection: SMTPConnection;

  constructor(connection: SMTPConnection) {
    this.#connection = connection;
  }

  static open(address: string): Promise<LmtpSender> {
    const [host, port] = address.split(':');
    const connection = new SMTPConnection({ host, port: Number(port), lmtp: true });
    return new Promise((resolve, reject) => {
      connection.on('error', reject);
      connection.connect(() => resolve(new LmtpSender(connection)));
    });
  }

  /** Resolves with the time at which the message was acknowledged. */
  send(to: string, number: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const envelope = { from: 'x@outside.test', to: [to] };
      this.#connection.send(envelope, message('x@outside.test', to, number), (error) =>
        error ? reject(error) : resolve(performance.now()),
      );
    });
  }

  close(): void {
    this.#connection.close();
  }
}

async function phoneOf(url: string, user: number, device: number): Promise<{ phone: Phone; inbox: string }> {
  const deviceId = `U${user}D${device}`;
  const phone = new Phone({ url, user: `user${user}@example.test`, password: 'secret', deviceId, timeout: 120_000 });
  await phone.setUp();
  const inbox = phone.folder(2).serverId;
  await phone.sync(inbox);
  return { phone, inbox };
}

function percentile(sorted: readonly number[], share: number): string {
  return (sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN).toFixed(1);
}

async function push(): Promise<void> {
  const server = await start(users);
  const all: { phone: Phone; inbox: string; answered: Promise<number> }[][] = [];
  const hold = (phone: Phone, inbox: string) =>
    phone.client.ping({ heartbeatInterval: 900, folders: [{ id: inbox, class: 'Email' }] }).then(({ status }) => {
      if (status !== 2) throw new Error(`Ping was answered with ${status}`);
      return performance.now();
    });
  for (let user = 0; user < users; user++) {
    const devices = await Promise.all(
      Array.from({ length: devicesEach }, (_, device) => phoneOf(server.facts.activesync, user, device)),
    );
    all.push(devices.map(({ phone, inbox }) => ({ phone, inbox, answered: hold(phone, inbox) })));
  }
  const lmtp = await LmtpSender.open(server.facts.lmtp);
  const delays: number[] = [];
  const before = await server.usage();
  for (let round = 0; round < deliveries; round++) {
    const devices = all[round % users]!;
    const acknowledged = await lmtp.send(`user${round % users}@example.test`, `push${round}`);
    const answered = await Promise.all(devices.map((device) => device.answered));
    if (round >= warming) delays.push(...answered.map((at) => Math.max(at - acknowledged, 0)));
    await Promise.all(devices.map(({ phone, inbox }) => phone.sync(inbox)));
    for (const device of devices) device.answered = hold(device.phone, device.inbox);
  }
  const spent = (await server.usage()) - before;
  delays.sort((a, b) => a - b);
  const [middle, most] = [percentile(delays, 0.5), percentile(delays, 0.99)];
  console.log(`push: ${users * devicesEach} Pings held, ${deliveries} deliveries, ${devicesEach} devices a mailbox`);
  console.log(`  from the LMTP acknowledgement to the Ping's answer: median ${middle} ms, 99th percentile ${most} ms`);
  console.log(`  ratio to the goal of 50 ms: ${(50 / Math.max(Number(most), 0.1)).toFixed(1)} times faster`);
  console.log(
    `  server CPU a delivery, with ${devicesEach} Pings answered, Syncs and new Pings: ${(spent / deliveries / 1000).toFixed(2)} ms`,
  );
  lmtp.close();
  // The Pings that are still held end with their connections.
  const ended = Promise.allSettled(all.flat().map(({ answered }) => answered));
  for (const { phone } of all.flat()) phone.close();
  await ended;
  await server.stop();
}

async function send(): Promise<void> {
  const server = await start(senders);
  const phones = await Promise.all(
    Array.from({ length: senders }, async (_, user) => (await phoneOf(server.facts.activesync, user, 0)).phone),
  );
  const run = async (round: string, count: number) => {
    let next = 0;
    await Promise.all(
      phones.map(async (phone, user) => {
        while (next < count) {
          const number = `${round}.${next++}`;
          const mime = message(`user${user}@example.test`, `user${(user + 1) % senders}@example.test`, number);
          const status = await phone.client.sendMail({ clientId: number, saveInSentItems: true, mime });
          if (status !== 1) throw new Error(`SendMail was answered with ${status}`);
        }
      }),
    );
  };
  await run('warm', 1000);
  const before = await server.usage();
  const started = performance.now();
  await run('counted', sends);
  const seconds = (performance.now() - started) / 1000;
  const rate = sends / (((await server.usage()) - before) / 1e6);
  console.log(
    `send: ${sends} SendMails of 2 kB to one local recipient each, a copy in Sent Items, ${senders} devices at once`,
  );
  console.log(`  ${rate.toFixed(0)} a CPU second of the server, ${(sends / seconds).toFixed(0)} a second`);
  console.log(`  ratio to the peer's ${peerRate}: ${(rate / peerRate).toFixed(1)}; goal 30`);
  for (const phone of phones) phone.close();
  await server.stop();
}

const [which = 'all'] = process.argv.slice(2);
if (which === 'all' || which === 'push') await push();
if (which === 'all' || which === 'send') await send();
