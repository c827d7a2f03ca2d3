// One HTTP request and its answer, on a keep-alive connection.
import * as http from 'node:http';
import * as https from 'node:https';
import { gunzipSync, inflateSync } from 'node:zlib';
import { AnswerTimeoutError } from './errors.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'OPTIONS' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Milliseconds until {@link AnswerTimeoutError}. */
  readonly timeout: number;
  /** Ends the request: the connection is closed and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** After Content-Encoding was undone. */
  readonly body: Buffer;
  /** Octets of the body on the wire. */
  readonly wireLength: number;
}

/** Connections kept open between requests. */
export interface Connections {
  exchange(request: HttpRequest): Promise<HttpAnswer>;
  /** Closes every connection. */
  close(): void;
}

function undoContentEncoding(body: Buffer, encoding: string | undefined): Buffer {
  if (body.length === 0) return body;
  if (encoding === 'gzip') return gunzipSync(body);
  return encoding === 'deflate' ? inflateSync(body) : body;
}

/** `rejectUnauthorized: false` accepts any server certificate, for servers under test. */
export function openConnections(tls: { readonly rejectUnauthorized?: boolean } = {}): Connections {
  const plainAgent = new http.Agent({ keepAlive: true });
  const tlsAgent = new https.Agent({ keepAlive: true, ...tls });
  return {
    exchange: (request) =>
      request.url.startsWith('https:')
        ? exchange(request, https.request, tlsAgent)
        : exchange(request, http.request, plainAgent),
    close() {
      plainAgent.destroy();
      tlsAgent.destroy();
    },
  };
}

function exchange(request: HttpRequest, open: typeof http.request, agent: http.Agent): Promise<HttpAnswer> {
  const { method, url, body, timeout, signal } = request;
  // A length is stated even for no body: a POST without one is read as chunked by some servers.
  const headers = { ...request.headers, ...(method === 'POST' ? { 'Content-Length': String(body?.length ?? 0) } : {}) };
  return new Promise((resolve, reject) => {
    const outgoing = open(url, { method, headers, agent, ...(signal === undefined ? {} : { signal }) });
    const timer = setTimeout(() => {
      outgoing.destroy(new AnswerTimeoutError(`no answer within ${timeout} ms`));
    }, timeout);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(signal?.aborted ? signal.reason : error);
    };
    outgoing.on('error', fail);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', fail);
      incoming.on('end', () => {
        clearTimeout(timer);
        const wire = Buffer.concat(chunks);
        try {
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: undoContentEncoding(wire, incoming.headers['content-encoding']),
            wireLength: wire.length,
          });
        } catch (error) {
          reject(error);
        }
      });
    });
    outgoing.end(body);
  });
}
