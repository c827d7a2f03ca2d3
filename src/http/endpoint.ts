// /Microsoft-Server-ActiveSync (MS-ASHTTP section 2.2.1, HTTP POST Request; 2.2.3, HTTP OPTIONS Request).
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { CommandContext, RequestBody } from '../commands/command.ts';
import { CommonStatus } from '../protocol/common-status.ts';
import { formatVersion, protocolVersions } from '../protocol/version.ts';
import { type Rendered, render, send, topStatus } from './answer.ts';
import type { Authenticator } from './authenticate.ts';
import type { ClientAddress } from './client-address.ts';
import {
  type CommandRequest,
  createPrepare,
  type Prepared,
  type RequestSurroundings,
  refused,
} from './command-request.ts';
import { type Answer, errorAnswer, statusAnswer } from './error-response.ts';
import { Exchange, requestIds } from './exchange.ts';
import type { HttpSettings } from './settings.ts';

export interface EndpointOptions extends RequestSurroundings {
  readonly authenticator: Authenticator;
  readonly addressOf: ClientAddress;
  readonly settings: HttpSettings;
}

const path = /^(?:https?:\/\/[^/?#]*)?\/microsoft-server-activesync\/?(?:\?|$)/i;
const challenge = { 'WWW-Authenticate': 'Basic realm="Easel", charset="UTF-8"' };
const allowed = { Allow: 'OPTIONS,POST' };
const knownMethods = new Set(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']);
const versions = protocolVersions.map(formatVersion).join(',');

/** Whether a request target is the endpoint's. */
export function isEndpoint(target: string): boolean {
  return path.test(target);
}

/**
 * Answers requests for the endpoint. Works on node's objects, and between the request and its answer nothing waits but the
 * command's own promise: with a frame or a koa context more, each held Ping costs kilobytes (docs/decisions/0009-http-endpoint.md).
 */
export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #prepare;
  readonly #nextId = requestIds();
  readonly #offer: OutgoingHttpHeaders;
  #active = 0;
  #down = false;

  /** Throws when two commands have one name. */
  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#prepare = createPrepare(options);
    this.#offer = {
      ...allowed,
      Public: 'OPTIONS,POST',
      'MS-ASProtocolVersions': versions,
      'MS-ASProtocolCommands': options.commands.map((command) => command.name).join(','),
    };
  }

  /** Requests at work. */
  get active(): number {
    return this.#active;
  }

  /** From now on answers 503. */
  shutDown(): void {
    this.#down = true;
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    const exchange = new Exchange(request, response, this.#nextId());
    this.#active++;
    this.#begin(exchange).then(
      (prepared) => this.#run(exchange, prepared),
      (error: unknown) => {
        this.#logFailure(exchange, error, 'a request failed');
        this.#conclude(exchange, undefined, { kind: 'http', status: 500 });
      },
    );
  }

  /** Everything up to the command. */
  async #begin(exchange: Exchange): Promise<Prepared> {
    const { limits, services, authenticator, addressOf } = this.#options;
    const { method = '', url = '', headers } = exchange.request;
    if (this.#down) return refused(503, 'shutting down');
    if (this.#active - services.held.count > limits.concurrentRequests) return refused(503, 'overloaded');
    if (url.length > limits.urlLength) return refused(414, 'the request target is too long');
    if (method !== 'POST' && method !== 'OPTIONS') {
      return refused(knownMethods.has(method) ? 405 : 501, 'neither POST nor OPTIONS', allowed);
    }
    const address = addressOf(exchange.request);
    const login = await authenticator.authenticate(headers.authorization, address);
    if (login.kind !== 'user') {
      exchange.address = address;
      if (login.kind === 'refused') return refused(401, 'not authenticated', challenge);
      return refused(503, 'logins slowed', { 'Retry-After': String(login.retryAfterSeconds) });
    }
    const { user } = login;
    exchange.user = user.name;
    exchange.credential = login.credential;
    if (method === 'POST') {
      const question = url.indexOf('?');
      return this.#prepare(exchange, user, question < 0 ? '' : url.slice(question + 1));
    }
    if (!user.activeSyncEnabled) return refused(403, 'ActiveSync is disabled for the user');
    return { kind: 'answered', answer: { kind: 'empty' }, headers: this.#offer };
  }

  /** Runs the command, which may take an hour. */
  #run(exchange: Exchange, prepared: Prepared): void {
    if (prepared.kind === 'answered') {
      this.#conclude(exchange, prepared.request, prepared.answer, prepared.headers);
      return;
    }
    const { request, context, body } = prepared;
    execute(request, context, body).then(
      (answer) => this.#conclude(exchange, request, answer),
      (error: unknown) => this.#conclude(exchange, request, this.#errorAnswer(exchange, request, error)),
    );
  }

  #errorAnswer(exchange: Exchange, { command, version }: CommandRequest, error: unknown): Answer {
    const { answer, unexpected } = errorAnswer(error, command, version);
    if (unexpected) this.#logFailure(exchange, error, 'a command failed');
    return answer;
  }

  /** Sends the answer and keeps what is left to be kept. Never rejects. */
  async #conclude(
    exchange: Exchange,
    request: CommandRequest | undefined,
    answer: Answer,
    headers?: OutgoingHttpHeaders,
  ): Promise<void> {
    const { settings, authenticator, logger } = this.#options;
    try {
      const rendered = await this.#render(exchange, request, answer);
      const options = {
        headers: this.#headersOf(rendered, request) ?? headers,
        close: this.#down,
        idleTime: settings.limits.idleTime,
      };
      await send(exchange, rendered, options);
      if (exchange.credential !== undefined) authenticator.touch(exchange.credential);
      await this.#keep(request);
    } catch (error) {
      this.#logFailure(exchange, error, 'an answer failed');
      exchange.response.destroy();
    } finally {
      this.#active--;
      if (settings.logRequests) exchange.log(logger);
    }
  }

  /** Encodes the answer and waits until what it tells of is on disk. Whatever fails then is answered in its place. */
  async #render(exchange: Exchange, request: CommandRequest | undefined, answer: Answer): Promise<Rendered> {
    let final = answer;
    let rendered: Rendered;
    const short = request?.shortType ?? false;
    try {
      rendered = render(answer, short);
      if (request !== undefined) await this.#options.services.store.durable();
    } catch (error) {
      this.#logFailure(exchange, error, 'an answer failed');
      final =
        request === undefined
          ? { kind: 'http', status: 500 }
          : statusAnswer(CommonStatus.ServerError, request.command, request.version);
      rendered = render(final, short);
    }
    if (final.kind === 'document') exchange.status = topStatus(final.root);
    else if (final.kind === 'http') exchange.reason = final.reason;
    return rendered;
  }

  #headersOf({ status, headers }: Rendered, request: CommandRequest | undefined): OutgoingHttpHeaders | undefined {
    if (status === 503) return { 'Retry-After': headers['Retry-After'] ?? this.#options.limits.retryAfterSeconds };
    return status === 200 && request?.wholeHierarchy ? { ...this.#offer, 'X-MS-RP': versions } : undefined;
  }

  async #keep(request: CommandRequest | undefined): Promise<void> {
    const seen = request?.seen;
    if (seen !== undefined) await this.#options.services.store.devices.update(seen.device, seen.change);
  }

  #logFailure({ id, user, command }: Exchange, error: unknown, what: string): void {
    this.#options.logger.error({ err: error, requestId: id, user, command }, what);
  }
}

/** A command's errors reach the caller through the promise, thrown or not; nothing here keeps the body. */
async function execute({ command }: CommandRequest, context: CommandContext, body: RequestBody): Promise<Answer> {
  return command.execute(context, body);
}
