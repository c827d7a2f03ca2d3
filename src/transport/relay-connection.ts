// Hands one message to the configured relay over SMTP and says what became of each recipient.
// Implements the client of RFC 5321 section 3.3 (Mail Transactions) with nodemailer's connection.
import SMTPConnection from 'nodemailer/lib/smtp-connection';

/** The server that takes mail for everybody outside. */
export interface RelayOptions {
  readonly host: string;
  readonly port: number;
  /** TLS from the first octet; STARTTLS is used in any case when the relay offers it. */
  readonly secure: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
  /** Fail when the relay offers no STARTTLS. */
  readonly requireTls?: boolean;
  /** PEM of authorities to trust besides the system's. */
  readonly ca?: string;
  /** False accepts any certificate; for relays on the same machine only. */
  readonly verifyCertificate?: boolean;
  /** Milliseconds without any progress before an attempt is given up. */
  readonly timeout?: number;
}

export interface MailToRelay {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly octets: Buffer;
}

/** A recipient that the relay did not take. */
export interface RelayRefusal {
  readonly address: string;
  /** False: it may be tried again. */
  readonly permanent: boolean;
  /** The relay's reply, or what broke. */
  readonly reply: string;
}

interface SmtpFailure {
  readonly message: string;
  readonly code?: string | undefined;
  readonly command?: string | undefined;
  readonly response?: string | undefined;
  readonly responseCode?: number | undefined;
  readonly recipient?: string | undefined;
  readonly rejectedErrors?: readonly SmtpFailure[] | undefined;
}

/** Commands whose 5xx reply concerns the message; a 5xx to anything else (AUTH, greeting) is the relay's or our own trouble and passes. */
const messageCommands = new Set(['MAIL FROM', 'RCPT TO', 'DATA']);

/** Failures found before anything was said: larger than the relay's SIZE, or addresses that cannot be written. */
function isHopeless(failure: SmtpFailure): boolean {
  if (failure.response !== undefined) return false;
  return (failure.code === 'EMESSAGE' && failure.command === 'MAIL FROM') || failure.code === 'EENVELOPE';
}

function refusal(address: string, failure: SmtpFailure): RelayRefusal {
  const code = failure.responseCode ?? 0;
  return {
    address,
    permanent: isHopeless(failure) || (code >= 500 && code < 600 && messageCommands.has(failure.command ?? '')),
    reply: failure.response ?? failure.message,
  };
}

function refusals(recipients: readonly string[], failure: SmtpFailure): readonly RelayRefusal[] {
  const own = new Map((failure.rejectedErrors ?? []).map((error) => [error.recipient, error]));
  return recipients.map((address) => refusal(address, own.get(address) ?? failure));
}

function connectionOptions(relay: RelayOptions, hostname: string) {
  const timeout = relay.timeout ?? 120_000;
  return {
    host: relay.host,
    port: relay.port,
    secure: relay.secure,
    name: hostname,
    requireTLS: relay.requireTls ?? false,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout * 2,
    tls: {
      ...(relay.ca === undefined ? {} : { ca: relay.ca }),
      ...(relay.verifyCertificate === false ? { rejectUnauthorized: false } : {}),
    },
  };
}

/** Runs one transaction. Resolves with the recipients that were not taken; never rejects. Aborting the signal cuts the connection. */
export function sendToRelay(
  relay: RelayOptions,
  hostname: string,
  mail: MailToRelay,
  signal: AbortSignal,
): Promise<readonly RelayRefusal[]> {
  return new Promise((resolve) => {
    const connection = new SMTPConnection(connectionOptions(relay, hostname));
    const end = (refused: readonly RelayRefusal[]) => {
      signal.removeEventListener('abort', abort);
      // First: closing makes the connection say that it ended.
      resolve(refused);
      connection.close();
    };
    const fail = (failure: SmtpFailure) => end(refusals(mail.recipients, failure));
    const abort = () => fail({ message: 'interrupted by shutdown' });
    signal.addEventListener('abort', abort, { once: true });
    connection.on('error', fail);
    connection.once('end', () => fail({ message: 'the relay closed the connection' }));
    const send = () => {
      const envelope = {
        from: mail.sender === '' ? (false as const) : mail.sender,
        to: [...mail.recipients],
        size: mail.octets.length,
        use8BitMime: true,
      };
      connection.send(envelope, mail.octets, (error, info) => {
        if (error) return fail(error);
        const accepted = new Set(info?.accepted);
        const left = mail.recipients.filter((address) => !accepted.has(address));
        connection.quit();
        end(refusals(left, { message: 'the relay gave no reply', rejectedErrors: info?.rejectedErrors }));
      });
    };
    connection.connect((error) => {
      if (error) return fail(error);
      if (relay.auth === undefined) return send();
      connection.login({ credentials: { ...relay.auth } }, (failure) => (failure ? fail(failure) : send()));
    });
    if (signal.aborted) abort();
  });
}
