// Sends requests over kept connections, each as soon as the one before is answered; one request's octets made once.
import { connect, type Socket } from 'node:net';

/** The octets of a POST. */
export function postOctets(path: string, headers: Readonly<Record<string, string>>, body: Buffer): Buffer {
  const lines = Object.entries({ Host: 'localhost', ...headers, 'Content-Length': String(body.length) });
  const head = `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

export interface WireAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: Buffer;
}

/** The first answer of `octets`, or undefined when it is not complete. */
export function readAnswer(octets: Buffer): { readonly answer: WireAnswer; readonly length: number } | undefined {
  const end = octets.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = octets.toString('latin1', 0, end);
  const length = Number(/^content-length: *([0-9]+)/im.exec(head)?.[1] ?? 0);
  if (octets.length < end + 4 + length) return undefined;
  const body = octets.subarray(end + 4, end + 4 + length);
  return { answer: { status: Number(head.slice(9, 12)), head, body }, length: end + 4 + length };
}

export function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** One request over a connection. */
export function exchange(socket: Socket, octets: Buffer): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const onClose = () => reject(new Error('the server closed the connection'));
    const onData = (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const read = readAnswer(received);
      if (read === undefined) return;
      socket.off('data', onData).off('close', onClose);
      resolve(read.answer);
    };
    socket.on('data', onData).on('close', onClose);
    socket.write(octets);
  });
}

/** Sends `count` requests over `sockets`, one at a time on each; every answer must be as `check` wants. */
export async function pump(
  sockets: readonly Socket[],
  octets: Buffer,
  count: number,
  check: (answer: WireAnswer) => boolean,
): Promise<void> {
  let left = count;
  await Promise.all(
    sockets.map(async (socket) => {
      while (left-- > 0) {
        const answer = await exchange(socket, octets);
        if (!check(answer)) throw new Error(`an unexpected answer: ${answer.head}`);
      }
    }),
  );
}
