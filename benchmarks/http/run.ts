// Measures the HTTP side against bare koa and node:
//   node --import tsx benchmarks/http/run.ts [sync|ping|held] [ROUNDS]
// Servers run in processes of their own, compiled as they are installed (a loader's traces cost time and memory); what counts is CPU time
// of the server process, or its memory. Interleaved rounds, medians.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Phone } from '../../src/client/index.ts';
import { AirSync, Element, encode, Ping } from '../../wbxml/index.ts';
import { compiledBenchmark, nodeFlags } from '../compiled.ts';
import { exchange, openSocket, postOctets, pump, type WireAnswer } from './load.ts';
import type { Question, ServerKind, Usage } from './server.ts';

/** Requests in a round, connections, and held requests of the memory test. */
const requests = 4000;
const connections = 8;
const held = 5000;

const authorization = `Basic ${Buffer.from('ann@example.com:secret').toString('base64')}`;

const program = compiledBenchmark('http/server.js');

interface Server {
  readonly port: number;
  ask(question: Question): Promise<Usage>;
  stop(): Promise<void>;
}

async function startServer(kind: ServerKind, log: 'on' | 'off' = 'on'): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-benchmark-'));
  const child: ChildProcess = fork(program, [kind, folder, log], {
    execArgv: ['--expose-gc', ...nodeFlags],
  });
  const next = <T>() => new Promise<T>((resolve) => child.once('message', resolve));
  const { port } = await next<{ port: number }>();
  return {
    port,
    ask(question) {
      const answer = next<Usage>();
      child.send(question);
      return answer;
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

const post = (command: string, device: string, root: Element) =>
  postOctets(
    `/Microsoft-Server-ActiveSync?Cmd=${command}&User=ann&DeviceId=${device}&DeviceType=Phone`,
    {
      Authorization: authorization,
      'User-Agent': 'Phone/1.0',
      'MS-ASProtocolVersion': '14.1',
      'Content-Type': 'application/vnd.ms-sync.wbxml',
      'X-MS-PolicyKey': '0',
    },
    encode(root),
  );

function newPhone(port: number, deviceId: string): Phone {
  const url = `http://127.0.0.1:${port}/Microsoft-Server-ActiveSync`;
  const [user, password] = ['ann@example.com', 'secret'];
  return new Phone({ url, user, password, deviceId, deviceType: 'Phone', userAgent: 'Phone/1.0' });
}

/** A phone that has its Inbox in step: the octets of its next Sync and Ping. */
async function preparePhone(port: number, device: string) {
  const phone = newPhone(port, device);
  await phone.setUp();
  const inbox = [...phone.folders.values()].find(({ type }) => type === 2)?.serverId ?? '';
  await phone.sync(inbox);
  const key = phone.replicas.get(inbox)?.syncKey ?? '';
  phone.close();
  const leaf = (tag: Element['tag'], text: string) => new Element(tag, text);
  const collection = new Element(AirSync.Collection, [leaf(AirSync.SyncKey, key), leaf(AirSync.CollectionId, inbox)]);
  const sync = new Element(AirSync.Sync, [new Element(AirSync.Collections, [collection])]);
  return { sync: post('Sync', device, sync), ping: pingOctets(device, inbox) };
}

function pingOctets(device: string, inbox: string): Buffer {
  const folder = new Element(Ping.Folder, [new Element(Ping.Id, inbox), new Element(Ping.Class, 'Email')]);
  const interval = new Element(Ping.HeartbeatInterval, '3540');
  return post('Ping', device, new Element(Ping.Ping, [interval, new Element(Ping.Folders, [folder])]));
}

/** A Ping that is answered at once: mail came since the last Sync. */
async function pingWithChange({ port }: Server): Promise<Buffer> {
  const { ping } = await preparePhone(port, 'D1');
  const sender = newPhone(port, 'D2');
  const mime = 'From: ann@example.com\r\nTo: ann@example.com\r\nSubject: news\r\n\r\nnews\r\n';
  await sender.client.sendMail({ clientId: 'news', mime: Buffer.from(mime) });
  sender.close();
  return ping;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function openSockets(port: number, count: number): Promise<Socket[]> {
  return Promise.all(Array.from({ length: count }, () => openSocket(port)));
}

/** Requests per CPU second of the server process. */
async function rate(server: Server, sockets: readonly Socket[], octets: Buffer, expected: WireAnswer): Promise<number> {
  const before = await server.ask({ ask: 'usage' });
  await pump(sockets, octets, requests, ({ status, body }) => status === 200 && body.equals(expected.body));
  const after = await server.ask({ ask: 'usage' });
  return (requests / (after.cpuMicroseconds - before.cpuMicroseconds)) * 1e6;
}

/** One server in a comparison: how to start it and what to send. */
interface Contestant {
  readonly name: string;
  readonly server: Server;
  readonly octets: Buffer;
  readonly sockets: readonly Socket[];
  readonly rates: number[];
}

async function contestant(name: string, server: Server, octets: Buffer): Promise<Contestant> {
  return { name, server, octets, sockets: await openSockets(server.port, connections), rates: [] };
}

type OctetsOf = (server: Server) => Promise<Buffer>;

async function compareRates(name: string, octetsOf: OctetsOf, rounds: number, alone: boolean) {
  const easel = await startServer('easel');
  const quiet = await startServer('easel', 'off');
  const koa = await startServer('koa');
  const octets = await octetsOf(easel);
  const ours = await contestant('easel', easel, octets);
  const all = [ours, await contestant('easel without log', quiet, await octetsOf(quiet))];
  if (alone) {
    const idle = await startServer('idle', 'off');
    all.push(await contestant('easel without log, command that does nothing', idle, octets));
  }
  all.push(await contestant('bare koa', koa, octets));
  const answer = await exchange(ours.sockets[0]!, octets);
  const type = /^content-type: *(.+)$/im.exec(answer.head)?.[1] ?? 'application/octet-stream';
  await koa.ask({ ask: 'answer', answer: { type, base64: answer.body.toString('base64') } });
  const { status, body } = answer;
  console.log(`${name}: ${octets.length} octets sent, ${body.length} in the answer's body, status ${status}`);

  // The first rounds warm up and are not counted.
  for (let round = -2; round < rounds; round++) {
    for (const each of all) {
      const measured = await rate(each.server, each.sockets, each.octets, answer);
      if (round >= 0) each.rates.push(measured);
    }
  }
  const theirs = median(all.at(-1)!.rates);
  for (const { name: who, rates, sockets, server } of all) {
    const rateOfAll = median(rates);
    console.log(`  ${rateOfAll.toFixed(0).padStart(6)} a CPU second, ratio ${(rateOfAll / theirs).toFixed(2)}: ${who}`);
    for (const socket of sockets) socket.destroy();
    await server.stop();
  }
}

/** Octets a held request costs the server. */
async function heldCost(server: Server, octetsOf: (index: number) => Buffer, settle: () => Promise<void>) {
  // A first thousand warms up what grows only once.
  const warm = await openSockets(server.port, 1000);
  for (const [index, socket] of warm.entries()) socket.write(octetsOf(held + index));
  await settle();
  const before = await server.ask({ ask: 'memory' });
  const sockets: Socket[] = [];
  for (let index = 0; index < held; index++) {
    const socket = await openSocket(server.port);
    socket.write(octetsOf(index));
    socket.on('data', (chunk: Buffer) => {
      throw new Error(`answered instead of held: ${chunk.toString('latin1')}`);
    });
    sockets.push(socket);
  }
  await settle();
  const after = await server.ask({ ask: 'memory' });
  for (const socket of [...warm, ...sockets]) socket.destroy();
  return { heap: (after.heap - before.heap) / held, resident: (after.resident - before.resident) / held };
}

/** Waits until the server's CPU time stands still. */
async function calm(server: Server): Promise<void> {
  for (let last = -1; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { cpuMicroseconds } = await server.ask({ ask: 'usage' });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const spent = (await server.ask({ ask: 'usage' })).cpuMicroseconds - cpuMicroseconds;
    // Measuring itself takes the collector's time: two measurements alike are stillness.
    if (last >= 0 && Math.abs(spent - last) < 0.2 * last + 5000) return;
    last = spent;
  }
}

async function compareHeld() {
  const easel = await startServer('easel', 'off');
  const pings: Buffer[] = [];
  for (let index = 0; index < held + 1000; index++) pings.push((await preparePhone(easel.port, `D${index}`)).ping);
  const ours = await heldCost(
    easel,
    (index) => pings[index]!,
    () => calm(easel),
  );
  await easel.stop();
  const node = await startServer('node');
  await node.ask({ ask: 'answer', answer: 'hold' });
  const bare = await heldCost(
    node,
    (index) => pings[index]!,
    () => calm(node),
  );
  await node.stop();
  const kib = (octets: number) => `${(octets / 1024).toFixed(1)} KiB`;
  console.log(`held Ping, ${held} at once: heap ${kib(ours.heap)}, resident ${kib(ours.resident)}`);
  console.log(`bare held node:http response: heap ${kib(bare.heap)}, resident ${kib(bare.resident)}`);
  console.log(
    `ratio: heap ${(ours.heap / bare.heap).toFixed(2)}, resident ${(ours.resident / bare.resident).toFixed(2)}; goal 2, and 14 KiB\n`,
  );
}

const [which = 'all', rounds = '9'] = process.argv.slice(2);
if (which === 'all' || which === 'sync') {
  await compareRates('empty Sync', async ({ port }) => (await preparePhone(port, 'D1')).sync, Number(rounds), true);
}
if (which === 'all' || which === 'ping') {
  await compareRates('Ping that finds a change', pingWithChange, Number(rounds), false);
}
if (which === 'all' || which === 'held') await compareHeld();
