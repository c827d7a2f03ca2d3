// A relay that takes mail over a real socket and refuses whom it is told to.
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface TakenMail {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly octets: Buffer;
}

export interface FakeRelay {
  readonly port: number;
  readonly taken: TakenMail[];
  /** Replies to RCPT other than 250, by address. */
  readonly refused: Map<string, { readonly code: number; readonly text: string }>;
  /** Reply to the message itself; undefined takes it. */
  dataReply: { readonly code: number; readonly text: string } | undefined;
  readonly attempts: () => number;
  close(): Promise<void>;
}

function reply({ code, text }: { readonly code: number; readonly text: string }): Error {
  return Object.assign(new Error(text), { responseCode: code });
}

export async function fakeRelay(login?: { readonly user: string; readonly pass: string }): Promise<FakeRelay> {
  const taken: TakenMail[] = [];
  const refused: FakeRelay['refused'] = new Map();
  let attempts = 0;
  const server = new SMTPServer({
    disabledCommands: login === undefined ? ['AUTH', 'STARTTLS'] : ['STARTTLS'],
    allowInsecureAuth: true,
    authOptional: login === undefined,
    disableReverseLookup: true,
    logger: false,
    onAuth(given, _session, callback) {
      const good = given.username === login?.user && given.password === login?.pass;
      callback(null, good ? { user: given.username } : { message: '5.7.8 wrong', responseCode: 535 });
    },
    onMailFrom(_address, _session, callback) {
      attempts++;
      callback();
    },
    onRcptTo({ address }, _session, callback) {
      const refusal = refused.get(address);
      callback(refusal === undefined ? null : reply(refusal));
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (relay.dataReply !== undefined) return callback(reply(relay.dataReply));
        const { mailFrom, rcptTo } = session.envelope;
        const sender = mailFrom === false ? '' : mailFrom.address;
        taken.push({ sender, recipients: rcptTo.map(({ address }) => address), octets: Buffer.concat(chunks) });
        callback();
      });
    },
  });
  server.on('error', () => {
    // Clients that are cut off by a test.
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const relay: FakeRelay = {
    port: (server.server.address() as AddressInfo).port,
    taken,
    refused,
    dataReply: undefined,
    attempts: () => attempts,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return relay;
}
