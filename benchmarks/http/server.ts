// The servers that run.ts measures, each in a process of its own: `easel` is ours, `idle` ours with a Sync that does nothing, `koa` and `node` are what it is compared with.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Koa from 'koa';
import type { Command } from '../../src/commands/command.ts';
import { commands } from '../../src/commands/index.ts';
import type { Services } from '../../src/commands/services.ts';
import { hashPassword } from '../../src/directory/passwords.ts';
import { createHttpServer } from '../../src/http/http-server.ts';
import { defaultHttpSettings } from '../../src/http/settings.ts';
import { createLogger } from '../../src/logger.ts';
import { requiredProvisioning } from '../../src/provisioning/device-policy.ts';
import { openStore } from '../../src/store/open-store.ts';
import { collectionLocks } from '../../src/sync/collection-locks.ts';
import { heldRequests } from '../../src/sync/held-requests.ts';
import { defaultSubmissionLimits, mailSubmission } from '../../src/transport/mail-submission.ts';

export type ServerKind = 'easel' | 'idle' | 'koa' | 'node';

/** What run.ts asks, and the answer. 'memory' collects garbage first, which costs CPU time. */
export type Question =
  | { readonly ask: 'usage' | 'memory' }
  /** The peers answer this from now on; 'hold' never answers. */
  | { readonly ask: 'answer'; readonly answer: { readonly type: string; readonly base64: string } | 'hold' };

export interface Usage {
  /** Of the process, user and system. */
  readonly cpuMicroseconds: number;
  /** Octets, those of buffers included. */
  readonly heap: number;
  readonly resident: number;
}

const [kind, folder = '', log = 'on'] = process.argv.slice(2);

const nothing: Command = {
  name: 'Sync',
  bodies: () => ['document'],
  statusDocument: () => undefined,
  execute: async () => ({ kind: 'empty' }),
};

async function startEasel(): Promise<number> {
  const store = await openStore({ kind: 'sqlite', file: join(folder, 'easel.db') });
  await store.directory.putDomain('example.com');
  await store.directory.putUser('ann', 'example.com', {
    passwordHash: await hashPassword('secret'),
    enabled: true,
    activeSyncEnabled: true,
  });
  const logger = createLogger({ level: 'info', to: join(folder, 'log') });
  const services: Services = {
    store,
    submission: mailSubmission({
      store,
      limits: defaultSubmissionLimits,
      hostname: 'localhost',
      logger,
      now: Date.now,
    }),
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
    now: Date.now,
  };
  const server = createHttpServer({
    commands: kind === 'idle' ? commands.map((command) => (command.name === 'Sync' ? nothing : command)) : commands,
    services,
    requiredProvisioning,
    settings: {
      ...defaultHttpSettings,
      logRequests: log === 'on',
      limits: { ...defaultHttpSettings.limits, devicesPerUser: 20_000 },
    },
    logger,
  });
  return (await server.listen()).port;
}

let type = 'text/plain';
let body = Buffer.alloc(0);
let holding = false;

function readAll(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks)));
  });
}

function startKoa(): Promise<number> {
  const app = new Koa();
  app.use(async (context) => {
    await readAll(context.req);
    context.type = type;
    context.body = body;
  });
  return listen(createServer(app.callback()));
}

/** Holds requests as barely as node can: body read, nothing kept but the response itself. */
function startNode(): Promise<number> {
  const held = new Set<ServerResponse>();
  return listen(
    createServer((request, response) => {
      request.resume();
      request.on('end', () => (holding ? held.add(response) : response.end(body)));
    }),
  );
}

function listen(server: ReturnType<typeof createServer>): Promise<number> {
  server.keepAliveTimeout = 600_000;
  return new Promise((resolve) =>
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => resolve((server.address() as AddressInfo).port)),
  );
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { cpuMicroseconds: user + system, heap: heapUsed + external, resident: rss };
}

process.on('message', (question: Question) => {
  // Twice: what the first collection finalises the second one frees.
  if (question.ask === 'memory') for (let count = 0; count < 2; count++) globalThis.gc?.();
  if (question.ask === 'answer') {
    holding = question.answer === 'hold';
    if (question.answer !== 'hold') {
      type = question.answer.type;
      body = Buffer.from(question.answer.base64, 'base64');
    }
  }
  process.send?.(usage());
});
process.on('disconnect', () => process.exit());

const start = { easel: startEasel, idle: startEasel, koa: startKoa, node: startNode }[kind as ServerKind];
process.send?.({ port: await start() });
