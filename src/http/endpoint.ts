// /Microsoft-Server-ActiveSync (MS-ASHTTP section 2.2.1, HTTP POST Request; 2.2.3, HTTP OPTIONS Request).
import type { OutgoingHttpHeaders } from 'node:http';
import type { Context, Next } from 'koa';
import type { Logger } from 'pino';
import type { Services } from '../commands/services.ts';
import type { User } from '../store/directory-store.ts';
import { type Rendered, render, send } from './answer.ts';
import type { Authenticator, VerifiedCredential } from './authenticate.ts';
import type { ClientAddress } from './client-address.ts';
import { type Dispatch, protocolVersionsHeader } from './dispatch.ts';
import { Exchange, requestIds } from './exchange.ts';
import type { HttpSettings } from './settings.ts';

export interface EndpointOptions {
  readonly commandNames: readonly string[];
  readonly dispatch: Dispatch;
  readonly services: Services;
  readonly authenticator: Authenticator;
  readonly addressOf: ClientAddress;
  readonly settings: HttpSettings;
  readonly logger: Logger;
}

export interface Endpoint {
  /** koa middleware: answers requests for the endpoint, hands others on. */
  readonly middleware: (context: Context, next: Next) => Promise<unknown>;
  /** From now on answers 503. */
  shutDown(): void;
  /** Requests at work. */
  readonly active: number;
}

const path = /^(?:https?:\/\/[^/?#]*)?\/microsoft-server-activesync\/?(?:\?|$)/i;
const challenge = { 'WWW-Authenticate': 'Basic realm="Easel", charset="UTF-8"' };
const allowed = { Allow: 'OPTIONS,POST' };
const knownMethods = new Set(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']);

interface Reply {
  readonly rendered: Rendered;
  readonly headers?: OutgoingHttpHeaders | undefined;
  readonly after?: (() => Promise<void>) | undefined;
  readonly credential?: VerifiedCredential;
}

export function createEndpoint(options: EndpointOptions): Endpoint {
  const { dispatch, services, authenticator, addressOf, settings, logger } = options;
  const { limits } = settings;
  const nextId = requestIds();
  const offer = {
    ...allowed,
    Public: 'OPTIONS,POST',
    'MS-ASProtocolVersions': protocolVersionsHeader,
    'MS-ASProtocolCommands': options.commandNames.join(','),
  };
  let active = 0;
  let down = false;

  const refuse = (exchange: Exchange, status: number, reason: string, headers?: Record<string, string>): Reply => {
    exchange.reason = reason;
    return { rendered: render({ kind: 'http', status, ...(headers === undefined ? {} : { headers }) }, '') };
  };
  const offerTo = (exchange: Exchange, user: User): Reply =>
    user.activeSyncEnabled
      ? { rendered: render({ kind: 'empty' }, ''), headers: offer }
      : refuse(exchange, 403, 'ActiveSync is disabled for the user');

  async function reply(exchange: Exchange): Promise<Reply> {
    const { method = '', url = '', headers } = exchange.request;
    if (down) return refuse(exchange, 503, 'shutting down');
    if (active - services.held.count > limits.concurrentRequests) return refuse(exchange, 503, 'overloaded');
    if (url.length > limits.urlLength) return refuse(exchange, 414, 'the request target is too long');
    if (method !== 'POST' && method !== 'OPTIONS') {
      return refuse(exchange, knownMethods.has(method) ? 405 : 501, 'method', allowed);
    }
    const address = addressOf(exchange.request);
    const login = await authenticator.authenticate(headers.authorization, address);
    if (login.kind !== 'user') {
      exchange.address = address;
      if (login.kind === 'refused') return refuse(exchange, 401, 'not authenticated', challenge);
      return refuse(exchange, 503, 'logins slowed', { 'Retry-After': String(login.retryAfterSeconds) });
    }
    const { user, credential } = login;
    exchange.user = user.name;
    if (method === 'OPTIONS') return offerTo(exchange, user);
    const question = url.indexOf('?');
    const text = question < 0 ? '' : url.slice(question + 1);
    return { ...(await dispatch(exchange, user, text)), credential };
  }

  async function serve(exchange: Exchange): Promise<void> {
    let answer: Reply;
    try {
      answer = await reply(exchange);
    } catch (error) {
      logger.error({ err: error, requestId: exchange.id, user: exchange.user }, 'a request failed');
      answer = { rendered: render({ kind: 'http', status: 500 }, '') };
    }
    const { rendered, credential } = answer;
    let { headers } = answer;
    if (rendered.status === 503) headers = { 'Retry-After': limits.retryAfterSeconds, ...headers };
    await send(exchange, rendered, { headers, close: down, idleTime: limits.idleTime });
    if (credential !== undefined) authenticator.touch(credential);
    await answer.after?.();
  }

  return {
    get active() {
      return active;
    },
    shutDown() {
      down = true;
    },
    middleware: async (context, next) => {
      if (!path.test(context.req.url ?? '')) return next();
      context.respond = false;
      const exchange = new Exchange(context.req, context.res, nextId());
      active++;
      try {
        await serve(exchange);
      } catch (error) {
        logger.error({ err: error, requestId: exchange.id }, 'an answer could not be sent');
        exchange.response.destroy();
      } finally {
        active--;
        if (settings.logRequests) exchange.log(logger);
      }
      return undefined;
    },
  };
}
