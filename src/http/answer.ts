// Writes an answer (MS-ASHTTP section 2.2.2, HTTP POST Response).
import { type OutgoingHttpHeaders, STATUS_CODES } from 'node:http';
import { type Element, encode, encodeChunks } from '../../wbxml/index.ts';
import { compressed } from './compression.ts';
import type { Answer, HttpAnswer } from './error-response.ts';
import type { Exchange } from './exchange.ts';
import { frameParts, multipartType } from './multipart.ts';
import { announcedLength, expectsContinue } from './request-body.ts';
import { shortWbxmlType, wbxmlType } from './request-headers.ts';

/** The version of Exchange whose behaviour this is: some clients look at it. */
export const serverVersion = '15.2';

/** An answer as octets: after this nothing about it can fail. */
export interface Rendered {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly chunks: readonly Buffer[];
  /** Whether gzip may make it smaller. */
  readonly compressible: boolean;
}

const none: readonly Buffer[] = [];

/** Encodes an answer. A client that sends the short media type gets it back. */
export function render(answer: Answer, shortType: boolean): Rendered {
  switch (answer.kind) {
    case 'empty':
      return { status: 200, headers: {}, chunks: none, compressible: false };
    case 'octets':
      return {
        status: 200,
        headers: { 'Content-Type': answer.contentType },
        chunks: [answer.octets],
        compressible: answer.contentType.startsWith('text/'),
      };
    case 'http':
      return renderHttp(answer);
    case 'document': {
      if (answer.parts !== undefined) {
        const chunks = frameParts([encode(answer.root), ...answer.parts]);
        return { status: 200, headers: { 'Content-Type': multipartType }, chunks, compressible: false };
      }
      const type = shortType ? shortWbxmlType : wbxmlType;
      return { status: 200, headers: { 'Content-Type': type }, chunks: encodeChunks(answer.root), compressible: true };
    }
  }
}

/** The reason phrase; that of 449 is Microsoft's own. */
export function reasonPhrase(status: number): string {
  return status === 449 ? 'Retry after sending a PROVISION command' : (STATUS_CODES[status] ?? 'Error');
}

function renderHttp(answer: HttpAnswer): Rendered {
  const text = `${answer.status} ${reasonPhrase(answer.status)}`;
  const body = Buffer.from(`<!DOCTYPE html><title>${text}</title><p>${text}</p>\n`);
  return {
    status: answer.status,
    headers: { 'Content-Type': 'text/html', ...answer.headers },
    chunks: [body],
    compressible: false,
  };
}

/** The Status right below the root, for the log. */
export function topStatus(root: Element): string | undefined {
  if (!Array.isArray(root.content)) return undefined;
  for (let index = 0; index < root.content.length && index < 3; index++) {
    const child = root.content[index];
    if (child?.tag.name === 'Status' && typeof child.content === 'string') return child.content;
  }
  return undefined;
}

export interface SendOptions {
  /** Headers besides those of the answer. */
  readonly headers?: OutgoingHttpHeaders | undefined;
  /** Whether this connection takes no further request. */
  readonly close: boolean;
  /** Milliseconds for the client to take a piece of it. */
  readonly idleTime: number;
}

/** Sends it. Resolves when it is handed to the operating system, or the client is gone. */
export async function send(exchange: Exchange, rendered: Rendered, options: SendOptions): Promise<void> {
  const { request, response } = exchange;
  let { chunks } = rendered;
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const headers: OutgoingHttpHeaders = {
    'Cache-Control': 'private',
    'MS-Server-ActiveSync': serverVersion,
    'request-id': exchange.id,
    ...rendered.headers,
    ...options.headers,
  };
  if (rendered.compressible && length > 0) {
    headers['Vary'] = 'Accept-Encoding';
    const smaller = exchange.gzip ? await compressed(chunks, length) : undefined;
    if (smaller !== undefined) {
      headers['Content-Encoding'] = 'gzip';
      chunks = [smaller];
      length = smaller.length;
    }
  }
  headers['Content-Length'] = length;
  if (response.destroyed) return;
  const unread = !request.complete && isMuch(announcedLength(request));
  if (options.close || unread || (!request.complete && expectsContinue(request))) headers['Connection'] = 'close';
  exchange.sent = length;
  response.writeHead(rendered.status, reasonPhrase(rendered.status), headers);
  if (unread) await linger(exchange, chunks);
  else await write(exchange, chunks, options.idleTime);
}

/** Bodies up to here node passes over itself, so that the connection lives on. */
function isMuch(announced: number | undefined): boolean {
  return announced === undefined || announced > 64 * 1024;
}

function write({ response }: Exchange, chunks: readonly Buffer[], idleTime: number): Promise<void> | void {
  const [first] = chunks;
  if (chunks.length <= 1) {
    response.end(first);
    // What a socket takes at once needs no watch.
    if (response.writableLength === 0 || response.writableFinished) return;
  } else {
    response.cork();
    for (const chunk of chunks) response.write(chunk);
    response.uncork();
    response.end();
  }
  return new Promise((resolve) => {
    // node destroys a socket that times out, and sets the timeout anew when the answer is out.
    response.socket?.setTimeout(idleTime);
    response.once('close', resolve);
  });
}

/** How long, and how much, of a refused body is still read so that the client sees the answer before its connection breaks. */
const lingerTime = 2000;
const lingerOctets = 16 * 1024 * 1024;

/** Answers a request whose body nobody wants: closing at once would reset the connection and lose the answer. */
function linger({ request, response }: Exchange, chunks: readonly Buffer[]): Promise<void> {
  return new Promise((resolve) => {
    let octets = 0;
    const finish = () => {
      clearTimeout(timer);
      request.off('data', onData).off('end', finish).off('error', finish).off('close', finish);
      response.end();
      resolve();
    };
    const onData = (chunk: Buffer) => {
      octets += chunk.length;
      if (octets > lingerOctets) finish();
    };
    const timer = setTimeout(finish, lingerTime);
    for (const chunk of chunks) response.write(chunk);
    request.on('data', onData).on('end', finish).on('error', finish).on('close', finish);
    request.resume();
  });
}
