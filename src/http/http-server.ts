// The HTTP server: koa on node:http or node:https, with its limits (MS-ASHTTP section 2.1, Transport).
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import Router from '@koa/router';
import Koa from 'koa';
import type { Logger } from 'pino';
import type { Command } from '../commands/command.ts';
import type { Services } from '../commands/services.ts';
import { reasonPhrase } from './answer.ts';
import { type Authenticator, createAuthenticator, type Logins } from './authenticate.ts';
import { type ClientAddress, clientAddress } from './client-address.ts';
import { commandCodes } from './command-codes.ts';
import type { ProvisioningGate } from './command-request.ts';
import { Endpoint, isEndpoint } from './endpoint.ts';
import { createCancellation } from './request-context.ts';
import type { HttpSettings } from './settings.ts';

export interface HttpServerOptions {
  /** What MS-ASProtocolCommands offers, in this order. */
  readonly commands: readonly Command[];
  readonly services: Services;
  readonly settings: HttpSettings;
  readonly logger: Logger;
  /** Where logins are looked up: the store's directory unless given. */
  readonly logins?: Logins;
  /** Lets every device pass when absent. */
  readonly requiredProvisioning?: ProvisioningGate;
}

export interface HttpServer {
  /** Takes further routes (administration, Autodiscover); they answer what the ActiveSync endpoint does not. */
  readonly router: Router;
  /** The same logins, cache and limits for further routes. */
  readonly authenticator: Authenticator;
  readonly addressOf: ClientAddress;
  /** Starts to listen; rejects when the address is taken or the certificate cannot be read. */
  listen(): Promise<{ readonly host: string; readonly port: number; readonly url: string }>;
  /**
   * Stops taking connections, ends held requests, and resolves when the last request is answered, or after `patience`
   * milliseconds, when it cuts what is left. Resolves at once when it never listened.
   */
  close(patience?: number): Promise<void>;
  /** Reads certificate and key again; the old ones stay when the new ones cannot be used, and the promise rejects. */
  reloadCertificate(): Promise<void>;
}

export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { commands, services, settings, logger } = options;
  for (const { name } of commands) {
    if (!commandCodes.includes(name)) throw new Error(`ActiveSync has no command ${name}`);
  }
  const { limits } = settings;
  const cancellation = createCancellation();
  const authenticator = createAuthenticator(
    options.logins ?? services.store.directory,
    settings.authentication,
    services.now,
  );
  const addressOf = clientAddress(settings.trustedProxies);
  const requiredProvisioning = options.requiredProvisioning ?? (() => undefined);
  const endpoint = new Endpoint({
    commands,
    services,
    limits,
    requiredProvisioning,
    cancellation,
    authenticator,
    addressOf,
    settings,
    logger,
  });
  const router = new Router();
  const app = new Koa();
  app.on('error', (error: unknown) => logger.error({ err: error }, 'a route failed'));
  app.use(router.routes()).use(router.allowedMethods());

  const others = app.callback();
  const listener: RequestListener = (request, response) => {
    if (isEndpoint(request.url ?? '')) endpoint.serve(request, response);
    else void others(request, response);
  };

  let server: Server | TlsServer | undefined;
  return {
    router,
    authenticator,
    addressOf,
    async listen() {
      server = await createNodeServer(settings, listener);
      await listening(server, settings);
      const { address, port } = server.address() as AddressInfo;
      const host = address.includes(':') ? `[${address}]` : address;
      return { host: address, port, url: `${settings.tls === undefined ? 'http' : 'https'}://${host}:${port}` };
    },
    async close(patience = 10_000) {
      endpoint.shutDown();
      cancellation.abortAll();
      if (server?.listening) await closed(server, patience, () => endpoint.active);
    },
    async reloadCertificate() {
      if (settings.tls === undefined || server === undefined) return;
      (server as TlsServer).setSecureContext(await readCertificate(settings.tls));
    },
  };
}

async function readCertificate({ certificateFile, keyFile }: NonNullable<HttpSettings['tls']>) {
  const [cert, key] = await Promise.all([readFile(certificateFile), readFile(keyFile)]);
  return { cert, key, minVersion: 'TLSv1.2' as const };
}

async function createNodeServer({ tls, limits }: HttpSettings, listener: RequestListener): Promise<Server | TlsServer> {
  const serverOptions: ServerOptions = {
    maxHeaderSize: limits.headerSize,
    headersTimeout: limits.headersTime,
    requestTimeout: limits.requestTime,
    keepAliveTimeout: limits.keepAliveTime,
    connectionsCheckingInterval: Math.min(5000, limits.headersTime),
    noDelay: true,
  };
  const server =
    tls === undefined
      ? createServer(serverOptions, listener)
      : createTlsServer(
          { ...serverOptions, ...(await readCertificate(tls)), handshakeTimeout: limits.headersTime },
          listener,
        );
  server.maxConnections = limits.connections;
  server.maxHeadersCount = 100;
  // The endpoint itself tells a client to go on, once it knows who it is.
  server.on('checkContinue', listener);
  server.on('clientError', answerClientError);
  return server;
}

/** Requests that node's parser refuses never reach koa. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = parserStatus(error.code);
  socket.end(`HTTP/1.1 ${status} ${reasonPhrase(status)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    socket.destroy(),
  );
}

function parserStatus(code: string | undefined): number {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 431;
    case 'HPE_INVALID_METHOD':
      return 501;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    default:
      return 400;
  }
}

function listening(server: Server | TlsServer, { host, port }: HttpSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function closed(server: Server | TlsServer, patience: number, active: () => number): Promise<void> {
  await new Promise<void>((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), patience);
    // Connections that become idle later are closed by their answer's `Connection: close`.
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
  // The connections are gone; what their requests still write into the store is not.
  const until = Date.now() + patience;
  while (active() > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 5));
}
