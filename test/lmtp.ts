// Delivers mail to a server under test by LMTP (RFC 2033), as a mail server in front of it would.
import SMTPConnection from 'nodemailer/lib/smtp-connection';

export interface Delivery {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly octets: Buffer;
}

/** Delivers one message; rejects unless every recipient was accepted. `address` is `host:port`. */
export async function deliverByLmtp(address: string, { sender, recipients, octets }: Delivery): Promise<void> {
  const colon = address.lastIndexOf(':');
  const connection = new SMTPConnection({
    host: address.slice(0, colon),
    port: Number(address.slice(colon + 1)),
    lmtp: true,
    ignoreTLS: true,
  });
  await new Promise<void>((resolve, reject) => {
    const end = (error?: Error | null) => {
      connection.close();
      if (error) reject(error);
      else resolve();
    };
    connection.on('error', end);
    connection.connect((error) => {
      if (error) return end(error);
      connection.send({ from: sender, to: [...recipients] }, octets, (failure, info) => {
        const rejected = info?.rejected ?? [];
        end(failure ?? (rejected.length > 0 ? new Error(`LMTP refused ${rejected.join(', ')}`) : undefined));
      });
    });
  });
}
