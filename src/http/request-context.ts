// What a command sees of one request. Made lean: thousands of these wait with their Ping at the same time.
import type { ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { CommandContext, CommandQuery } from '../commands/command.ts';
import type { Services } from '../commands/services.ts';
import type { MailboxId } from '../protocol/ids.ts';
import type { ProtocolVersion } from '../protocol/version.ts';
import type { Partnership } from '../store/device-store.ts';
import type { User } from '../store/directory-store.ts';

/** Ends requests at work: each when its client goes away, all of them when the server shuts down. */
export interface Cancellation {
  /** A signal for the request that the response belongs to. */
  signalFor(response: ServerResponse): AbortSignal;
  /** Aborts every signal given out, and those still to come. */
  abortAll(): void;
}

export function createCancellation(): Cancellation {
  const controllers = new Set<AbortController>();
  let shut = false;
  return {
    signalFor(response) {
      if (shut || response.destroyed) return AbortSignal.abort();
      const controller = new AbortController();
      controllers.add(controller);
      response.once('close', () => {
        controllers.delete(controller);
        if (!response.writableFinished) controller.abort();
      });
      return controller.signal;
    },
    abortAll() {
      shut = true;
      for (const controller of controllers) controller.abort();
    },
  };
}

export interface RequestParts {
  readonly version: ProtocolVersion;
  readonly user: User;
  readonly device: Partnership;
  readonly query: CommandQuery;
  readonly policyKey: number | undefined;
}

/** The signal and the child logger are made only for commands that ask for them. */
export class RequestContext implements CommandContext {
  readonly version: ProtocolVersion;
  readonly user: User;
  readonly mailbox: MailboxId;
  readonly device: Partnership;
  readonly query: CommandQuery;
  readonly policyKey: number | undefined;
  readonly services: Services;
  readonly #response: ServerResponse;
  readonly #cancellation: Cancellation;
  readonly #logger: Logger;
  readonly #requestId: string;
  #signal: AbortSignal | undefined;
  #log: Logger | undefined;

  constructor(
    parts: RequestParts,
    services: Services,
    request: {
      readonly response: ServerResponse;
      readonly cancellation: Cancellation;
      readonly logger: Logger;
      readonly id: string;
    },
  ) {
    this.version = parts.version;
    this.user = parts.user;
    this.mailbox = parts.user.mailboxId;
    this.device = parts.device;
    this.query = parts.query;
    this.policyKey = parts.policyKey;
    this.services = services;
    this.#response = request.response;
    this.#cancellation = request.cancellation;
    this.#logger = request.logger;
    this.#requestId = request.id;
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#cancellation.signalFor(this.#response);
    return this.#signal;
  }

  get log(): Logger {
    this.#log ??= this.#logger.child({
      requestId: this.#requestId,
      user: this.user.name,
      device: this.device.deviceId,
    });
    return this.#log;
  }
}
