// Messages whose bodies tests of Sync ask for, and a device that holds them all (MS-ASAIRS section 2.2.2.9, Body).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  type BodyPreference,
  type Properties,
  property,
  type SyncOptions,
  type Version,
} from '../../src/client/index.ts';
import { bySubject, mail, type SyncDevice, SyncSession } from './sync-session.ts';

const demo = new URL('../../data/demo/smime/', import.meta.url);
export const smimeForms = ['clear-signed', 'opaque-signed', 'encrypted', 'signed-then-encrypted'] as const;
export const html = '<html><body><p>Hello &amp; <b>goodbye</b></p></body></html>';
const mixed = (parts: readonly string[]) => `${parts.map((part) => `--b\n${part}\n`).join('')}--b--\n`;

/** Octets of each message by its subject. */
export const messages = new Map<string, Buffer>();

function shape(subject: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
  const head = mail(subject, '', headers).replaceAll('\n', '\r\n');
  messages.set(
    subject,
    Buffer.concat([Buffer.from(head), Buffer.isBuffer(body) ? body : Buffer.from(body.replaceAll('\n', '\r\n'))]),
  );
}

shape('plain', 'Twelve chars and more\n');
shape('html', html, { 'Content-Type': 'text/html; charset=utf-8' });
shape('both', mixed(['Content-Type: text/plain\n\nPlain part', `Content-Type: text/html\n\n${html}`]), {
  'Content-Type': 'multipart/alternative; boundary=b',
});
shape('empty', '');
shape('wide', 'aé€😀z', { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Transfer-Encoding': '8bit' });
shape('entity', '<p>abc&amp;def</p>', { 'Content-Type': 'text/html' });
shape('tag', '<p>abc<b class="x">def</b></p>', { 'Content-Type': 'text/html' });
shape('long line', 'word '.repeat(200));
shape('8-bit', Buffer.from('caf\xe9 \xff\xfe\r\n', 'latin1'), {
  'Content-Type': 'text/plain; charset=iso-8859-1',
  'Content-Transfer-Encoding': '8bit',
});
shape('binary', Buffer.from(Array.from({ length: 512 }, (_, at) => at % 256)), {
  'Content-Type': 'application/octet-stream',
  'Content-Transfer-Encoding': 'binary',
});
shape('utf-8', 'Grüße €\n', { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Transfer-Encoding': '8bit' });
shape('12 MB', Buffer.from(`${'x'.repeat(76)}\r\n`.repeat(160_000)));
for (const form of smimeForms) {
  const octets = readFileSync(new URL(`${form}.eml`, demo)).toString('latin1');
  const named = octets.replace(/^Subject: .*(\r\n[ \t].*)*$/m, `Subject: ${form}`);
  messages.set(form, Buffer.from(named, 'latin1'));
}

export interface Body {
  readonly type?: string;
  readonly truncated?: string;
  readonly data?: string;
  readonly preview?: string;
  readonly size?: number;
  readonly octets?: Buffer;
}

/** The Body or BodyPart of an item. */
export function bodyOf(properties: Properties, name = 'AirSyncBase:Body'): Body {
  const text = (path: string) => {
    const value = property(properties, `${name}/AirSyncBase:${path}`);
    return value === undefined ? undefined : String(value);
  };
  const data = property(properties, `${name}/AirSyncBase:Data`);
  const octets = data === undefined ? undefined : Buffer.isBuffer(data) ? data : Buffer.from(String(data));
  return {
    type: text('Type'),
    truncated: text('Truncated'),
    data: octets?.toString(),
    preview: text('Preview'),
    size: Number(text('EstimatedDataSize')),
    octets,
  } as Body;
}

/** A BodyPreference. */
export const type = (of: 1 | 2 | 3 | 4, more: Partial<BodyPreference> = {}): BodyPreference => ({ type: of, ...more });

/** A device and the messages, which it asks for one by one. */
export class BodyReader {
  readonly session: SyncSession;
  readonly device: SyncDevice;
  private readonly ids: ReadonlyMap<string, string>;

  private constructor(session: SyncSession, device: SyncDevice, ids: ReadonlyMap<string, string>) {
    this.session = session;
    this.device = device;
    this.ids = ids;
  }

  static async open(version: Version): Promise<BodyReader> {
    const session = await SyncSession.start([...messages.values()], {
      limits: { maximumResponseSize: 64 * 1024 * 1024 },
    });
    const device = await session.device(version);
    const all = bySubject(await device.first({ options: { bodyPreferences: [type(1, { truncationSize: 0 })] } }));
    assert.equal(all.size, messages.size);
    return new BodyReader(session, device, new Map([...all].map(([subject, { serverId }]) => [subject, serverId])));
  }

  /** One message by Fetch, as the options have it. */
  async fetch(subject: string, options: SyncOptions): Promise<Properties> {
    const commands = [{ kind: 'Fetch', serverId: this.ids.get(subject) ?? '' }] as const;
    const { replies } = await this.device.one({ options, getChanges: false, commands });
    assert.deepEqual(
      replies.map(({ kind, status }) => `${kind} ${status}`),
      ['Fetch 1'],
    );
    return replies[0]!.properties;
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
