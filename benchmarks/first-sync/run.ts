// Measures a first sync of 10,000 messages of 4 kB against reading the same bodies from SQLite and writing them to a socket:
//   node --import tsx benchmarks/first-sync/run.ts [MESSAGES] [ROUNDS]
// CPU time of the server process; interleaved rounds, medians.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AirSync, AirSyncBase, decode, Element, encode, FolderHierarchy, type Tag } from '../../wbxml/index.ts';
import { compiledBenchmark, nodeFlags } from '../compiled.ts';
import { exchange, openSocket, postOctets } from '../http/load.ts';
import type { Facts } from './server.ts';

const [messages = 10_000, rounds = 5] = process.argv.slice(2).map(Number);
const windowSize = 100;
const program = compiledBenchmark('first-sync/server.js');

interface Server {
  readonly port: number;
  cpuMicroseconds(): Promise<number>;
  stop(): Promise<void>;
}

async function start(kind: 'easel' | 'plain'): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-benchmark-'));
  const child: ChildProcess = fork(program, [kind, folder, String(messages)], { execArgv: [...nodeFlags] });
  const next = () => new Promise<Facts>((resolve) => child.once('message', resolve));
  const { port } = await next();
  return {
    port,
    async cpuMicroseconds() {
      const answer = next();
      child.send('facts');
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

const leaf = (tag: Tag, text: string) => new Element(tag, text);
const authorization = `Basic ${Buffer.from('ann@example.test:secret').toString('base64')}`;

function request(command: string, device: string, document: Element): Buffer {
  const path = `/Microsoft-Server-ActiveSync?Cmd=${command}&User=ann&DeviceId=${device}&DeviceType=Bench`;
  const headers = {
    Authorization: authorization,
    'MS-ASProtocolVersion': '14.1',
    'Content-Type': 'application/vnd.ms-sync.wbxml',
  };
  return postOctets(path, headers, encode(document));
}

function syncDocument(syncKey: string): Element {
  const collection = [leaf(AirSync.SyncKey, syncKey), leaf(AirSync.CollectionId, '1')];
  if (syncKey !== '0') {
    const preference = new Element(AirSyncBase.BodyPreference, [leaf(AirSyncBase.Type, '1')]);
    collection.push(leaf(AirSync.WindowSize, String(windowSize)), new Element(AirSync.Options, [preference]));
  }
  return new Element(AirSync.Sync, [new Element(AirSync.Collections, [new Element(AirSync.Collection, collection)])]);
}

function find(element: Element, tag: Tag): Element | undefined {
  if (element.tag === tag) return element;
  if (!Array.isArray(element.content)) return undefined;
  for (const child of element.content) {
    const found = find(child, tag);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** One device's first sync to the end; gives the octets of its answers. */
async function firstSync(port: number, device: string): Promise<number> {
  const socket = await openSocket(port);
  const folders = new Element(FolderHierarchy.FolderSync, [leaf(FolderHierarchy.SyncKey, '0')]);
  await exchange(socket, request('FolderSync', device, folders));
  let [syncKey, octets, added] = ['0', 0, 0];
  for (let more = true; more; ) {
    const { body } = await exchange(socket, request('Sync', device, syncDocument(syncKey)));
    octets += body.length;
    const answer = decode(body);
    more = syncKey === '0' || find(answer, AirSync.MoreAvailable) !== undefined;
    const commands = find(answer, AirSync.Commands)?.content;
    added += Array.isArray(commands) ? commands.length : 0;
    syncKey = String(find(answer, AirSync.SyncKey)?.content);
  }
  socket.destroy();
  if (added !== messages) throw new Error(`${added} of ${messages} messages came`);
  return octets;
}

async function plainRead(port: number): Promise<void> {
  const socket = await openSocket(port);
  for (let from = messages + 1; from > 1; from -= windowSize) {
    await exchange(socket, Buffer.from(`GET /${from}/${windowSize} HTTP/1.1\r\nHost: localhost\r\n\r\n`));
  }
  socket.destroy();
}

async function cost(server: Server, work: () => Promise<unknown>): Promise<number> {
  const before = await server.cpuMicroseconds();
  await work();
  return (await server.cpuMicroseconds()) - before;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const easel = await start('easel');
const plain = await start('plain');
const ours: number[] = [];
const theirs: number[] = [];
for (let round = 0; round < rounds; round++) {
  ours.push(await cost(easel, () => firstSync(easel.port, `bench${round}`)));
  theirs.push(await cost(plain, () => plainRead(plain.port)));
}
await easel.stop();
await plain.stop();
const perSecond = (microseconds: number) => Math.round((messages * 1e6) / microseconds);
console.log(`first sync of ${messages} messages of 4 kB, WindowSize ${windowSize}, medians of ${rounds} rounds`);
console.log(`  Easel          ${perSecond(median(ours))} messages per CPU second of the server`);
console.log(`  SQLite, socket ${perSecond(median(theirs))} messages per CPU second`);
console.log(`  cost ratio     ${(median(ours) / median(theirs)).toFixed(1)}`);
