// A client that writes octets as given to a mail listener, for what no proper client sends.

import type { Socket } from 'node:net';
import { connect } from 'node:net';

export interface RawClient {
  /** Everything received so far. */
  readonly text: () => string;
  readonly closed: () => boolean;
  readonly socket: Socket;
  write(octets: string | Buffer): void;
  /** Resolves when what came after the last call matches; rejects when the connection ends or after ten seconds. */
  expect(pattern: RegExp): Promise<string>;
}

export function rawClient(port: number): RawClient {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let seen = 0;
  let closed = false;
  let look = () => {};
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    look();
  });
  socket.on('error', () => look());
  socket.on('close', () => {
    closed = true;
    look();
  });
  return {
    socket,
    text: () => text,
    closed: () => closed,
    write: (octets) => void socket.write(octets),
    expect: (pattern) =>
      new Promise((resolve, reject) => {
        const fail = (why: string) =>
          reject(new Error(`${why}, wanted ${pattern}, got ${JSON.stringify(text.slice(seen))}`));
        const timer = setTimeout(() => fail('timeout'), 10_000);
        look = () => {
          const match = pattern.exec(text.slice(seen));
          if (match === null && !closed) return;
          clearTimeout(timer);
          look = () => {};
          if (match === null) return fail('closed');
          seen += match.index + match[0].length;
          resolve(match[0]);
        };
        look();
      }),
  };
}
