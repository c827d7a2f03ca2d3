// Starts a server: the one place that wires configuration, store, directory, mail transport and HTTP. `import { startServer } from 'easel'`.
import { mkdir, readFile } from 'node:fs/promises';
import { hostname as machineName } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { commands } from './commands/index.ts';
import type { CommandSettings, Services } from './commands/services.ts';
import { type Config, ConfigError, databaseFile, loadConfig, type Settings } from './config.ts';
import { prepareOrganisation } from './demo/initial-organisation.ts';
import { createHttpServer, type HttpServer } from './http/http-server.ts';
import { defaultAuthenticationLimits, defaultHttpLimits, type HttpSettings } from './http/settings.ts';
import { createLogger } from './logger.ts';
import type { Account } from './organisation/apply-organisation.ts';
import type { OrganisationDescription } from './organisation/organisation-file.ts';
import { requiredProvisioning } from './provisioning/device-policy.ts';
import { takeLockFile } from './store/lock-file.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';
import { collectionLocks } from './sync/collection-locks.ts';
import { heldRequests } from './sync/held-requests.ts';
import { defaultDeliveryLimits, mailDelivery } from './transport/delivery.ts';
import { type ListenerOptions, listenForMail, type MailListener } from './transport/listeners.ts';
import { defaultSubmissionLimits, mailSubmission } from './transport/mail-submission.ts';
import { relayWorker } from './transport/relay.ts';
import type { RelayOptions } from './transport/relay-connection.ts';

export type { Config, Settings } from './config.ts';
export type { Account } from './organisation/apply-organisation.ts';
export type { OrganisationDescription } from './organisation/organisation-file.ts';

export interface StartOptions {
  /** Strongest of all settings. */
  readonly settings?: Settings;
  /** YAML file of settings; else easel.yaml of the data directory. */
  readonly configFile?: string | undefined;
  /** Whether EASEL_ variables count; false unless given. */
  readonly environment?: boolean;
  /** Keeps everything in memory, listens on free ports of 127.0.0.1, and needs no files. */
  readonly ephemeral?: boolean;
  /** A file, or what it would hold, to be applied before the server is ready. Without it an empty directory gets the demo organisation. */
  readonly organisation?: string | OrganisationDescription | undefined;
  /** Hears what takes long; silence unless given. */
  readonly onProgress?: (line: string) => void;
}

export interface RunningServer {
  /** Where it answers, for example `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly activesync: string;
  /** `host:port`; undefined when the listener is off. */
  readonly lmtp: string | undefined;
  readonly smtp: string | undefined;
  /** Accounts whose passwords are known: those of the demo and of an organisation that was applied. */
  readonly accounts: readonly Account[];
  readonly config: Config;
  /** The address that HTTP binds and its port. */
  readonly bound: { readonly host: string; readonly port: number };
  /** Reads the TLS files of HTTP again, for new connections. Rejects, and keeps the old certificate, when they cannot be read. */
  reloadCertificate(): Promise<void>;
  /** Ends held requests, answers what is under way, closes the store. */
  close(): Promise<void>;
}

/** A server that cannot start for a reason that its administrator can put right. */
export class StartError extends ConfigError {
  override name = 'StartError';
}

const ephemeralSettings: Settings = { listen: { host: '127.0.0.1', port: 0 }, lmtp: { port: 0 }, smtp: { port: 0 } };

function commandSettings({ limits, policy }: Config): CommandSettings {
  return { ...limits, ...policy };
}

function httpSettings({ listen, tls, trustedProxies, limits }: Config): HttpSettings {
  const { certificate, key } = tls;
  return {
    ...listen,
    tls: certificate === undefined || key === undefined ? undefined : { certificateFile: certificate, keyFile: key },
    trustedProxies,
    logRequests: true,
    limits: { ...defaultHttpLimits, bodySize: limits.maximumRequestSize, devicesPerUser: limits.maximumDevices },
    authentication: defaultAuthenticationLimits,
  };
}

/** A PEM file that a setting names. */
async function readPem(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new StartError(`${setting}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function relayOptions({ relay }: Config): Promise<RelayOptions | undefined> {
  const { host, port, security, user, password, authorities, verifyCertificate } = relay;
  if (host === undefined) return undefined;
  return {
    host,
    port,
    secure: security === 'tls',
    requireTls: security === 'starttls',
    verifyCertificate,
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    ...(authorities === undefined ? {} : { ca: await readPem('relay.authorities', authorities) }),
  };
}

/** What has been started, to be closed in the opposite order. */
class Closers {
  readonly #closers: (() => Promise<void> | void)[] = [];
  #closing: Promise<void> | undefined;

  add(closer: () => Promise<void> | void): void {
    this.#closers.push(closer);
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const closer of this.#closers.reverse())
      try {
        await closer();
      } catch (error) {
        failures.push(error);
      }
    if (failures.length > 0) throw failures[0];
  }
}

/** Says in words why an address could not be bound. */
async function binding<Result>(
  what: string,
  host: string,
  port: number,
  listen: () => Promise<Result>,
): Promise<Result> {
  try {
    return await listen();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new StartError(`${what}: port ${port} of ${host} is in use; choose another port`);
    if (code === 'EACCES')
      throw new StartError(`${what}: port ${port} of ${host} needs more rights; choose one above 1023`);
    throw new StartError(`${what}: cannot listen on ${host}:${port}: ${message}`);
  }
}

async function openData(config: Config, ephemeral: boolean, logger: Logger, closers: Closers): Promise<Store> {
  const onBackgroundError = (error: Error) => logger.error({ err: error }, 'the store failed in the background');
  if (!ephemeral) {
    await mkdir(config.data, { recursive: true, mode: 0o700 });
    const release = takeLockFile(join(config.data, 'easel.lock'));
    if (release === undefined)
      throw new StartError(`${config.data}: another Easel server is running on this data directory`);
    closers.add(release);
  }
  const file = ephemeral ? ':memory:' : databaseFile(config);
  const store = await openStore({ kind: 'sqlite', file, onBackgroundError });
  closers.add(() => store.close());
  return store;
}

interface Wiring {
  readonly config: Config;
  readonly store: Store;
  readonly logger: Logger;
  readonly closers: Closers;
  readonly hostname: string;
}

async function openMailDoors({ config, store, logger, closers, hostname }: Wiring) {
  const { limits, tls } = config;
  const now = Date.now;
  const delivery = mailDelivery({ store, logger, now, limits: defaultDeliveryLimits });
  const { certificate, key } = tls;
  const pem =
    certificate === undefined || key === undefined
      ? {}
      : { tls: { cert: await readPem('tls.certificate', certificate), key: await readPem('tls.key', key) } };
  const open = async (protocol: 'lmtp' | 'smtp'): Promise<string | undefined> => {
    const { enabled, host, port } = config[protocol];
    if (!enabled) return undefined;
    const { maximumMessageSize, maximumRecipients } = limits;
    const options: ListenerOptions = { protocol, host, port, hostname, maximumMessageSize, maximumRecipients, ...pem };
    const listener: MailListener = await binding(protocol.toUpperCase(), host, port, () =>
      listenForMail(options, { store, delivery, logger, now }),
    );
    closers.add(() => listener.close());
    return `${listener.host.includes(':') ? `[${listener.host}]` : listener.host}:${listener.port}`;
  };
  return { lmtp: await open('lmtp'), smtp: await open('smtp') };
}

async function startRelay({ config, store, logger, closers, hostname }: Wiring): Promise<void> {
  const relay = relayWorker({ store, relay: await relayOptions(config), hostname, logger, now: Date.now });
  relay.start();
  closers.add(() => relay.stop());
}

async function startHttp({ config, store, logger, closers, hostname }: Wiring) {
  const { maximumMessageSize, maximumRecipients } = config.limits;
  const submissionLimits = {
    ...defaultSubmissionLimits,
    messageSize: maximumMessageSize,
    recipients: maximumRecipients,
  };
  const services: Services = {
    store,
    submission: mailSubmission({ store, limits: submissionLimits, hostname, logger, now: Date.now }),
    settings: commandSettings(config),
    locks: collectionLocks(),
    held: heldRequests(store.notifier),
    now: Date.now,
  };
  const http: HttpServer = createHttpServer({
    commands,
    services,
    settings: httpSettings(config),
    logger,
    requiredProvisioning: (context, command) =>
      command.beforeProvisioning ? undefined : requiredProvisioning(context),
  });
  closers.add(() => http.close());
  const { host, port } = config.listen;
  const { url, ...bound } = await binding('HTTP', host, port, () => http.listen());
  return { url, bound, reloadCertificate: () => http.reloadCertificate() };
}

async function wire(options: StartOptions, config: Config, closers: Closers): Promise<RunningServer> {
  const logger = createLogger({ level: config.log.level });
  const hostname = config.hostname ?? machineName();
  const ephemeral = options.ephemeral ?? false;
  const store = await openData(config, ephemeral, logger, closers);
  const accounts = await prepareOrganisation(store, {
    organisation: options.organisation,
    demo: config.demo,
    demoFile: ephemeral ? undefined : join(config.data, 'secret-demo.json'),
    onProgress: options.onProgress ?? (() => {}),
  });
  const wiring: Wiring = { config, store, logger, closers, hostname };
  await startRelay(wiring);
  const doors = await openMailDoors(wiring);
  const { url, bound, reloadCertificate } = await startHttp(wiring);
  logger.info({ url, ...doors, data: ephemeral ? 'memory' : config.data }, 'ready');
  const activesync = `${url}/Microsoft-Server-ActiveSync`;
  return { url, activesync, ...doors, accounts, config, bound, reloadCertificate, close: () => closers.close() };
}

/**
 * Starts a server; resolves once it answers. Rejects with ConfigError, OrganisationError, StoreError or {@link StartError} when it cannot, and
 * has then closed whatever it had opened.
 */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const { environment = false, ephemeral = false } = options;
  const config = await loadConfig({
    environment,
    file: options.configFile,
    withoutData: ephemeral,
    settings: ephemeral ? overEphemeral(options.settings ?? {}) : (options.settings ?? {}),
  });
  const closers = new Closers();
  try {
    return await wire(options, config, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

function overEphemeral(settings: Settings): Settings {
  const merged: Settings = { ...settings };
  for (const name of ['listen', 'lmtp', 'smtp'] as const)
    merged[name] = { ...ephemeralSettings[name], ...settings[name] };
  return merged;
}
