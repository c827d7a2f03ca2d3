// The doors for arriving mail: LMTP (RFC 2033 section 4.2, DATA command: one reply for each recipient) and SMTP (RFC 5321 section 3.3,
// Mail Transactions), for our own addresses only. Nothing is acknowledged before it is on disk.
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { SMTPServerOptions, SMTPServerSession } from 'smtp-server';
import { SMTPServer } from 'smtp-server';
import type { Store } from '../store/store.ts';
import { deliverBounce } from './bounce-delivery.ts';
import type { MailDelivery, RecipientResult } from './delivery.ts';
import type { IncomingBudget } from './incoming-octets.ts';
import { takeIn } from './incoming-octets.ts';
import { isAccepted, recipientReply, SmtpReply } from './smtp-reply.ts';
import { traceFields } from './trace-fields.ts';

export interface ListenerOptions {
  readonly protocol: 'lmtp' | 'smtp';
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Name of this server in its greeting and in Received. */
  readonly hostname: string;
  /** Octets; 100 MiB unless given. */
  readonly maximumMessageSize?: number;
  readonly maximumConnections?: number;
  /** Recipients of one transaction. */
  readonly maximumRecipients?: number;
  /** Milliseconds of silence after which a connection is closed. */
  readonly idleTimeout?: number;
  /** PEM; STARTTLS is offered when given. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export interface ListenerDependencies {
  readonly store: Store;
  readonly delivery: MailDelivery;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface MailListener {
  readonly host: string;
  readonly port: number;
  /** Takes no more connections and waits a few seconds for those that are open. */
  close(): Promise<void>;
}

const mebibyte = 1024 * 1024;
const defaultMessageSize = 100 * mebibyte;
/** Unknown recipients after which a connection is closed: somebody is guessing. */
const maximumUnknown = 50;

/** What one connection did so far. */
interface ConnectionState {
  unknown: number;
  /** Recipients of the transaction as they were given. */
  recipients: string[];
}

interface Door extends ListenerDependencies {
  readonly options: ListenerOptions;
  readonly states: WeakMap<SMTPServerSession, ConnectionState>;
  readonly budget: IncomingBudget;
  /** Messages under way. */
  readonly receiving: Set<Promise<unknown>>;
}

function stateOf(door: Door, session: SMTPServerSession): ConnectionState {
  const known = door.states.get(session);
  if (known !== undefined) return known;
  const fresh: ConnectionState = { unknown: 0, recipients: [] };
  door.states.set(session, fresh);
  return fresh;
}

function senderOf(session: SMTPServerSession): string {
  return session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
}

async function admit(door: Door, address: string, state: ConnectionState): Promise<void> {
  if (state.recipients.length >= (door.options.maximumRecipients ?? 1000)) {
    throw new SmtpReply(452, '4.5.3 too many recipients');
  }
  const result = await door.delivery.check(address);
  if (isAccepted(result)) return;
  if (result === 'unknown' && ++state.unknown >= maximumUnknown)
    throw new SmtpReply(421, '4.7.0 too many unknown recipients');
  throw recipientReply(result, address);
}

/** Takes the message in, delivers it and makes it durable: results in the order of the recipients. */
async function receive(
  door: Door,
  stream: Parameters<NonNullable<SMTPServerOptions['onData']>>[0],
  session: SMTPServerSession,
): Promise<readonly RecipientResult[]> {
  const { recipients } = stateOf(door, session);
  const sender = senderOf(session);
  const maximum = door.options.maximumMessageSize ?? defaultMessageSize;
  const incoming = await takeIn(stream, maximum, door.budget);
  if (incoming.kind === 'too-large') throw new SmtpReply(552, `5.3.4 message larger than ${maximum} octets`);
  if (incoming.kind === 'busy') throw new SmtpReply(452, '4.3.1 too much mail is arriving, try again later');
  try {
    const trace = traceFields({
      sender,
      helo: session.hostNameAppearsAs,
      remoteAddress: session.remoteAddress,
      hostname: door.options.hostname,
      protocol: session.transmissionType,
      id: session.id,
      recipients,
      now: door.now(),
    });
    const results = await door.delivery.deliver({ octets: incoming.octets, trace, sender, recipients });
    await bounceRefused(door, session, incoming.octets, results);
    await door.store.durable();
    const size = incoming.octets.length;
    door.logger.info(
      { session: session.id, sender, recipients: recipients.slice(0, 20), results: results.slice(0, 20), size },
      'mail arrived',
    );
    return results;
  } finally {
    incoming.release();
  }
}

/** SMTP has one reply for all recipients: when some got it, the sender hears of the others by a bounce. */
async function bounceRefused(
  door: Door,
  session: SMTPServerSession,
  original: Buffer,
  results: readonly RecipientResult[],
): Promise<void> {
  if (door.options.protocol !== 'smtp' || !results.some(isAccepted) || results.every(isAccepted)) return;
  const { recipients } = stateOf(door, session);
  const failed = results.flatMap((result, at) => {
    if (isAccepted(result)) return [];
    const { message } = recipientReply(result, recipients[at] ?? '');
    const [status = '5.0.0', ...reason] = message.split(' ');
    return [{ address: recipients[at] ?? '', status, reason: reason.join(' ') }];
  });
  const to = senderOf(session);
  const content = { to, hostname: door.options.hostname, failed, original, now: door.now() };
  await deliverBounce(door.store, content, `refused:${session.id}:${session.transaction}`);
}

/** The reply to a caller when something failed; what is no reply of ours is logged and said to be passing. */
function failureReply(door: Door, error: unknown, session: SMTPServerSession): SmtpReply {
  if (error instanceof SmtpReply) return error;
  door.logger.error({ err: error, session: session.id }, 'arriving mail failed');
  return new SmtpReply(451, '4.3.0 internal trouble, try again later');
}

function handlers(door: Door): Pick<SMTPServerOptions, 'onMailFrom' | 'onRcptTo' | 'onData'> {
  return {
    onMailFrom(_address, session, callback) {
      stateOf(door, session).recipients = [];
      callback();
    },
    onRcptTo(address, session, callback) {
      const state = stateOf(door, session);
      const given = address.address;
      admit(door, given, state).then(
        () => {
          state.recipients.push(given);
          // The library folds a repeated recipient into one, but RFC 2033 section 4.2 wants one reply for each accepted RCPT.
          address.address = `${state.recipients.length} ${given}`;
          callback();
        },
        (error: unknown) => callback(failureReply(door, error, session)),
      );
    },
    onData(stream, session, callback) {
      const answered = receive(door, stream, session)
        .then(
          (results) => acknowledge(door, stateOf(door, session).recipients, results, callback),
          (error: unknown) => callback(failureReply(door, error, session)),
        )
        .finally(() => door.receiving.delete(answered));
      door.receiving.add(answered);
    },
  };
}

function acknowledge(
  { options }: Door,
  recipients: readonly string[],
  results: readonly RecipientResult[],
  callback: (error?: Error | null, message?: string | (string | Error)[]) => void,
): void {
  const replies = results.map((result, at) => recipientReply(result, recipients[at] ?? ''));
  if (options.protocol === 'lmtp') {
    callback(
      null,
      replies.map((reply) => (reply.responseCode === 250 ? reply.message : reply)),
    );
    return;
  }
  // SMTP has one reply for all: a refusal only when nobody got it.
  const good = replies.find((reply) => reply.responseCode === 250);
  if (good === undefined) callback(replies[0] ?? new SmtpReply(451, '4.3.0 nobody to deliver to'));
  else callback(null, good.message);
}

function serverOptions(door: Door): SMTPServerOptions {
  const { options } = door;
  return {
    ...handlers(door),
    name: options.hostname,
    lmtp: options.protocol === 'lmtp',
    size: options.maximumMessageSize ?? defaultMessageSize,
    authOptional: true,
    disabledCommands: ['AUTH', 'WIZ', 'SHELL', 'KILL', ...(options.tls === undefined ? ['STARTTLS'] : [])],
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: true,
    maxClients: options.maximumConnections ?? 100,
    maxCommandLength: 4096,
    socketTimeout: options.idleTimeout ?? 300_000,
    closeTimeout: 3_000,
    logger: false,
    ...(options.tls ?? {}),
  };
}

/** Opens the door. Resolves once it listens; rejects when it cannot. */
export async function listenForMail(
  options: ListenerOptions,
  dependencies: ListenerDependencies,
): Promise<MailListener> {
  const maximumOctets = Math.max(4 * (options.maximumMessageSize ?? defaultMessageSize), 64 * mebibyte);
  const door: Door = {
    ...dependencies,
    options,
    states: new WeakMap(),
    budget: { maximumOctets, usedOctets: 0 },
    receiving: new Set(),
  };
  const server = new SMTPServer(serverOptions(door));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', (error) => door.logger.info({ err: error, protocol: options.protocol }, 'connection trouble'));
  const { address, port } = server.server.address() as AddressInfo;
  return {
    host: address,
    port,
    close: () => closeDoor(server, door),
  };
}

/** Connections that wait for their client's next idea are closed at once; those with a transaction under way get some time. */
async function closeDoor(server: SMTPServer, door: Door): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const connection of [...server.connections]) {
    if (!connection.session.envelope?.mailFrom) connection.send(421, '4.3.2 shutting down');
  }
  await closed;
  await Promise.all(door.receiving);
}
