// A real HTTP server on a real SQLite store for the tests of src/http: one domain, two users, commands that do what a test says.
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { pino } from 'pino';
import type { Command, CommandContext, CommandReply, RequestBody } from '../../src/commands/command.ts';
import type { Services } from '../../src/commands/services.ts';
import { hashPassword } from '../../src/directory/passwords.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../../src/http/http-server.ts';
import { defaultHttpSettings, type HttpLimits, type HttpSettings } from '../../src/http/settings.ts';
import type { User } from '../../src/store/directory-store.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { collectionLocks } from '../../src/sync/collection-locks.ts';
import { heldRequests } from '../../src/sync/held-requests.ts';
import { type Element, encode } from '../../wbxml/index.ts';

export const password = 'correct horse';
let hash: Promise<string> | undefined;

export interface TestServer {
  readonly http: HttpServer;
  readonly store: Store;
  readonly user: User;
  readonly services: Services;
  readonly port: number;
  /** Parsed lines of the log. */
  readonly log: Record<string, unknown>[];
  clock: number;
  stop(): Promise<void>;
}

export interface TestServerOptions {
  readonly commands: readonly Command[];
  readonly limits?: Partial<HttpLimits>;
  readonly settings?: Partial<HttpSettings>;
  readonly services?: Partial<Services>;
  readonly options?: Partial<HttpServerOptions>;
}

export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const store = await openStore({ kind: 'sqlite', file: ':memory:' });
  await store.directory.putDomain('example.com');
  hash ??= hashPassword(password);
  const fields = { passwordHash: await hash, enabled: true, activeSyncEnabled: true };
  const put = await store.directory.putUser('ann', 'example.com', fields);
  await store.directory.putUser('bob', 'example.com', { ...fields, activeSyncEnabled: false });
  if (!('user' in put)) throw new Error(put.kind);
  const log: Record<string, unknown>[] = [];
  const logger = pino({ level: 'info', base: undefined }, { write: (line: string) => void log.push(JSON.parse(line)) });
  const server: { clock: number } = { clock: Date.now() };
  const services: Services = {
    store,
    submission: { send: async () => ({ kind: 'no-recipient' }) },
    settings: {
      minimumHeartbeat: 60,
      maximumHeartbeat: 3540,
      maximumPingFolders: 200,
      maximumSyncCollections: 512,
      maximumMessageSize: 1e7,
      maximumResponseSize: 1e6,
      allowNonProvisionable: true,
    },
    locks: collectionLocks(),
    held: heldRequests(store.notifier),
    now: () => server.clock,
    ...options.services,
  };
  const settings = {
    ...defaultHttpSettings,
    ...options.settings,
    limits: { ...defaultHttpSettings.limits, ...options.limits },
  };
  const http = createHttpServer({ commands: options.commands, services, settings, logger, ...options.options });
  const { port } = await http.listen();
  return Object.assign(server, {
    http,
    store,
    user: put.user,
    services,
    port,
    log,
    async stop() {
      await http.close(1000);
      await store.close();
    },
  });
}

/** A command that runs `execute`; documents that carry a Status are made by `statusDocument`. */
export function command(
  name: string,
  parts: Partial<Command> & {
    execute?: (context: CommandContext, body: RequestBody) => Promise<CommandReply>;
  } = {},
): Command {
  return {
    name,
    bodies: () => ['document', 'empty'],
    statusDocument: () => undefined,
    execute: async () => ({ kind: 'empty' }),
    ...parts,
  };
}

export interface TestAnswer {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface TestRequest {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly version?: string | undefined;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Buffer | Element | string | undefined;
  /** null leaves the header out. */
  readonly authorization?: string | null;
}

export function basic(user: string, word = password, encoding: BufferEncoding = 'utf8'): string {
  return `Basic ${Buffer.from(`${user}:${word}`, encoding).toString('base64')}`;
}

/** Sends one request; a body gets the usual Content-Type unless `headers` says otherwise. */
export function ask(port: number, asked: TestRequest): Promise<TestAnswer> {
  const { method = 'POST', path = '/Microsoft-Server-ActiveSync', query, version = '14.1', authorization } = asked;
  const body =
    asked.body === undefined || Buffer.isBuffer(asked.body) || typeof asked.body === 'string'
      ? asked.body
      : encode(asked.body);
  const headers: OutgoingHttpHeaders = {
    ...(authorization === null ? {} : { authorization: authorization ?? basic('ann@example.com') }),
    ...('version' in asked && asked.version === undefined ? {} : { 'MS-ASProtocolVersion': version }),
    ...(body === undefined ? {} : { 'Content-Type': 'application/vnd.ms-sync.wbxml' }),
    ...asked.headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { port, method, path: query === undefined ? path : `${path}?${query}`, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            reason: response.statusMessage ?? '',
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** The usual query of a command. */
export function queryOf(name: string, more = ''): string {
  return `Cmd=${name}&User=ann&DeviceId=Device1&DeviceType=Phone${more}`;
}

/** Sends octets as they are and gives all that comes back until the server closes; `half` closes our side first. */
export function sendRaw(port: number, octets: string | Buffer, half = true): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.write(octets);
      if (half) socket.end();
    });
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

/** Waits until something is so; fails after 5 seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`still not so: ${condition}`);
    await new Promise(setImmediate);
  }
}
