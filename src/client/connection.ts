// A device's requests: address, credentials, versions, policy keys, and what goes over the wire (MS-ASHTTP section 2.2.1, HTTP POST and OPTIONS).
import { decode, type Element, encode } from '../../wbxml/index.ts';
import { type Connections, type HttpAnswer, openConnections } from './http-exchange.ts';
import { readMultipart } from './multipart.ts';
import { base64Query, plainQuery, type QueryParameters, type Version } from './request-url.ts';
import { findNumber } from './tree.ts';

export interface ClientOptions {
  /** Of the ActiveSync endpoint, for example `http://127.0.0.1:8080/Microsoft-Server-ActiveSync`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** 14.1 unless given. */
  readonly version?: Version;
  /** At most 32 letters and digits. */
  readonly deviceId?: string;
  readonly deviceType?: string;
  readonly userAgent?: string;
  /** How the query is written; plain unless given. */
  readonly query?: 'plain' | 'base64';
  /** Whether gzip answers are asked for; true unless given. */
  readonly gzip?: boolean;
  /** Whether an {@link EasClient} provisions when the server demands it and repeats the command then; true unless given. */
  readonly provision?: boolean;
  /** Milliseconds to wait for an answer; 30 s unless given. A held request waits its heartbeat longer. */
  readonly timeout?: number;
  /** Locale of a base64 query as MS-LCID numbers it; 0x0409 unless given. */
  readonly locale?: number;
  /** False accepts any server certificate. */
  readonly rejectUnauthorized?: boolean;
  /** Called after every exchange: the wire log. */
  readonly onExchange?: (exchange: WireExchange) => void;
}

/** One request and its answer as they went over the wire. */
export interface WireExchange {
  readonly command: string;
  readonly version: Version;
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: Buffer;
  readonly status: number;
  readonly headers: HttpAnswer['headers'];
  readonly body: Buffer;
  readonly milliseconds: number;
}

export interface SendOptions {
  /** Added to the usual ones, or in their place; an undefined value takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly parameters?: QueryParameters;
  readonly contentType?: string;
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** An answer to a POST. */
export interface EasAnswer {
  readonly status: number;
  readonly headers: HttpAnswer['headers'];
  readonly body: Buffer;
  /** The document of a WBXML or multipart answer; undefined for other bodies and for none. */
  readonly root: Element | undefined;
  /** Parts of a multipart answer, the document at 0; empty otherwise. */
  readonly parts: readonly Buffer[];
}

const wbxmlType = 'application/vnd.ms-sync.wbxml';
const multipartType = 'application/vnd.ms-sync.multipart';
const defaultTimeout = 30_000;

/** Whether the answer says that the device must provision first (MS-ASPROV section 3.1.5.2; MS-ASCMD section 2.2.2, Common Status Codes). */
export function demandsProvisioning(answer: EasAnswer): boolean {
  if (answer.status === 449) return true;
  const status = findNumber(answer.root, 'Status');
  return status === 142 || status === 143 || status === 144;
}

/** Sends requests of one device. Keeps its connections, its version and its policy key. */
export class EasConnection {
  readonly user: string;
  readonly deviceId: string;
  readonly deviceType: string;
  readonly userAgent: string;
  /** May be changed between requests, as a device does after OPTIONS. */
  version: Version;
  /** The key of the policy that the device has acknowledged; 0 for none. */
  policyKey = 0;
  readonly #options: ClientOptions;
  readonly #connections: Connections;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.user = options.user;
    this.deviceId = options.deviceId ?? 'EASELCLIENT00001';
    this.deviceType = options.deviceType ?? 'EaselClient';
    this.userAgent = options.userAgent ?? 'Easel-Client/1.0';
    this.version = options.version ?? '14.1';
    this.#connections = openConnections(
      options.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: options.rejectUnauthorized },
    );
  }

  /** Closes the connections. */
  close(): void {
    this.#connections.close();
  }

  #url(command: string, parameters: QueryParameters): string {
    const { user, deviceId, deviceType, version, policyKey } = this;
    const locale = this.#options.locale ?? 0x0409;
    const parts = { command, user, deviceId, deviceType, version, policyKey, locale, parameters };
    return `${this.#options.url}?${this.#options.query === 'base64' ? base64Query(parts) : plainQuery(parts)}`;
  }

  #headers(options: SendOptions, hasBody: boolean): Record<string, string> {
    const plain = this.#options.query !== 'base64';
    const headers: Record<string, string | undefined> = {
      Authorization: `Basic ${Buffer.from(`${this.user}:${this.#options.password}`, 'utf8').toString('base64')}`,
      'User-Agent': this.userAgent,
      // The base64 query carries these three itself.
      'MS-ASProtocolVersion': plain ? this.version : undefined,
      'X-MS-PolicyKey': plain ? String(this.policyKey) : undefined,
      'MS-ASAcceptMultiPart': plain && options.parameters?.AcceptMultiPart ? 'T' : undefined,
      'Accept-Encoding': this.#options.gzip === false ? undefined : 'gzip, deflate',
      'Content-Type': hasBody ? (options.contentType ?? wbxmlType) : undefined,
      ...options.headers,
    };
    return Object.fromEntries(
      Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
  }

  async #exchange(
    method: 'OPTIONS' | 'POST',
    command: string,
    url: string,
    body: Buffer | undefined,
    options: SendOptions,
  ) {
    const headers = this.#headers(options, body !== undefined);
    const started = performance.now();
    const { version } = this;
    const answer = await this.#connections.exchange({
      method,
      url,
      headers,
      timeout: options.timeout ?? this.#options.timeout ?? defaultTimeout,
      ...(body === undefined ? {} : { body }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    this.#options.onExchange?.({
      command,
      version,
      url,
      requestHeaders: headers,
      requestBody: body ?? Buffer.alloc(0),
      status: answer.status,
      headers: answer.headers,
      body: answer.body,
      milliseconds: performance.now() - started,
    });
    return answer;
  }

  /** Sends OPTIONS, with no query. */
  async options(): Promise<HttpAnswer> {
    return this.#exchange('OPTIONS', 'OPTIONS', this.#options.url, undefined, {});
  }

  /** Sends one POST just as told: any body, any HTTP status, no provisioning. Throws WbxmlError when the answer cannot be decoded. */
  async send(command: string, body?: Element | Buffer, options: SendOptions = {}): Promise<EasAnswer> {
    const octets = body === undefined || Buffer.isBuffer(body) ? body : encode(body);
    const answer = await this.#exchange('POST', command, this.#url(command, options.parameters ?? {}), octets, options);
    const { status, headers } = answer;
    const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    const parts = type === multipartType && answer.body.length > 0 ? readMultipart(answer.body) : [];
    const document = parts[0] ?? (type === wbxmlType || type === 'application/vnd.ms-sync' ? answer.body : undefined);
    const root = document === undefined || document.length === 0 ? undefined : decode(document);
    return { status, headers, body: answer.body, root, parts };
  }
}
