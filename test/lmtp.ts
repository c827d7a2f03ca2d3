// Delivers mail to a server under test by LMTP (RFC 2033), as a mail server in front of it would.
import SMTPConnection from 'nodemailer/lib/smtp-connection';

export interface Delivery {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly octets: Buffer;
}

/** One connection that is kept open, because the greeting of a new one takes 100 ms. Made anew when it broke. */
export class LmtpSession {
  readonly #address: string;
  #connection: Promise<SMTPConnection> | undefined;
  /** Messages go one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  /** `address` is `host:port`. */
  constructor(address: string) {
    this.#address = address;
  }

  async #connect(): Promise<SMTPConnection> {
    const colon = this.#address.lastIndexOf(':');
    const [host, port] = [this.#address.slice(0, colon), Number(this.#address.slice(colon + 1))];
    const connection = new SMTPConnection({ host, port, lmtp: true, ignoreTLS: true });
    const forget = () => {
      this.#connection = undefined;
    };
    connection.on('end', forget);
    await new Promise<void>((resolve, reject) => {
      connection.on('error', (error) => {
        forget();
        reject(error);
      });
      connection.connect((error) => (error ? reject(error) : resolve()));
    });
    return connection;
  }

  /** Delivers one message; rejects unless every recipient was accepted. */
  deliver(delivery: Delivery): Promise<void> {
    const done = this.#last.then(() => this.#deliver(delivery));
    this.#last = done.catch(() => {});
    return done;
  }

  async #deliver({ sender, recipients, octets }: Delivery): Promise<void> {
    this.#connection ??= this.#connect();
    const connection = await this.#connection;
    await new Promise<void>((resolve, reject) => {
      connection.send({ from: sender, to: [...recipients] }, octets, (failure, info) => {
        const rejected = info?.rejected ?? [];
        if (failure) reject(failure);
        else if (rejected.length > 0) reject(new Error(`LMTP refused ${rejected.join(', ')}`));
        else resolve();
      });
    });
  }

  async close(): Promise<void> {
    (await this.#connection)?.close();
    this.#connection = undefined;
  }
}

/** As {@link LmtpSession.deliver}, on a connection of its own. */
export async function deliverByLmtp(address: string, delivery: Delivery): Promise<void> {
  const session = new LmtpSession(address);
  try {
    await session.deliver(delivery);
  } finally {
    await session.close();
  }
}
