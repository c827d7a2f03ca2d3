// One request and its answer: what the pipeline knows of it by and by, and what the log line says in the end.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import { formatVersion, type ProtocolVersion } from '../protocol/version.ts';
import type { VerifiedCredential } from './authenticate.ts';
import { acceptsGzip } from './request-headers.ts';

export class Exchange {
  readonly response: ServerResponse;
  readonly id: string;
  /** Octets of the body, inflated. */
  received = 0;
  /** Octets of the answer's body, as sent. */
  sent = 0;
  address: string | undefined;
  credential: VerifiedCredential | undefined;
  user = '';
  deviceId = '';
  deviceType = '';
  command = '';
  version: ProtocolVersion | undefined;
  /** The Status at the top of the answer. */
  status: string | undefined;
  /** Why it was refused. */
  reason: string | undefined;
  /** Whether the answer may be gzip. */
  readonly gzip: boolean;
  readonly #start = performance.now();

  constructor(request: IncomingMessage, response: ServerResponse, id: string) {
    this.response = response;
    this.id = id;
    this.gzip = acceptsGzip(request.headers);
  }

  get request(): IncomingMessage {
    return this.response.req;
  }

  /** Lets go of the headers, which nobody reads any more: a held request is to cost little memory. */
  release(): void {
    this.request.headers = {};
    this.request.rawHeaders = [];
    this.request.url = '';
  }

  /** One line; nothing of it is secret: the query and headers do not go in, and names only as the pipeline checked them. */
  log(logger: Logger): void {
    logger.info(
      {
        requestId: this.id,
        user: this.user,
        device: this.deviceId,
        deviceType: this.deviceType,
        command: this.command,
        version: this.version === undefined ? undefined : formatVersion(this.version),
        http: this.response.statusCode,
        status: this.status,
        reason: this.reason,
        address: this.address,
        milliseconds: Math.round((performance.now() - this.#start) * 10) / 10,
        bytesIn: this.received,
        bytesOut: this.sent,
        gone: this.response.destroyed && !this.response.writableFinished ? true : undefined,
      },
      'request',
    );
  }
}

/** Makes identifiers of requests: unlike any of another process, and cheap. */
export function requestIds(): () => string {
  const prefix = `${Date.now().toString(36)}-${process.pid.toString(36)}-`;
  let count = 0;
  return () => prefix + (++count).toString(36);
}
