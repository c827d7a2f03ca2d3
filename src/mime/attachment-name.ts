// Display names of attachments: decoded, harmless as file names, never empty (MS-ASAIRS section 2.2.2.22.2, DisplayName (Attachment)).
import mimetypes from 'libmime/lib/mimetypes.js';
import { rawValue, readHeader } from './header.ts';
import { decodeHeaderText } from './header-text.ts';
import { NAME_CHARACTERS } from './limits.ts';
import type { MimePart } from './structure.ts';
import { decodeTransfer } from './transfer-encoding.ts';

const SEPARATORS_AND_CONTROLS = /[/\\\p{Cc}\u2028\u2029]+/gu;
// Marks that turn the reading direction make `exe.txt` of `txt.exe`.
const DIRECTION_MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const EXTENSION = /\.[\p{L}\p{N}]{1,12}$/u;
// Encoded octets of an embedded message that are read for its Subject.
const EMBEDDED_HEADER_OCTETS = 16 * 1024;

/** The name that a part gives itself in Content-Disposition or Content-Type, empty when it gives none. */
export function saidName(part: MimePart): string {
  return part.dispositionParameters.get('filename') ?? part.parameters.get('name') ?? '';
}

/** Display name of the attachment at `index` of the table. */
export function attachmentName(octets: Buffer, part: MimePart, index: number): string {
  const said = harmless(saidName(part));
  if (isEmbeddedMessage(part)) {
    const name = said === '' ? harmless(embeddedSubject(octets, part)) : said;
    return bounded(name === '' ? 'message.eml' : /\.eml$/i.test(name) ? name : `${name}.eml`);
  }
  if (said !== '') return bounded(said);
  const known = WELL_KNOWN_NAMES.get(part.type);
  return known ?? `attachment-${index + 1}.${extensionOf(part.type)}`;
}

/** True for a part that is a message itself, even a broken one. */
export function isEmbeddedMessage(part: MimePart): boolean {
  return part.type === 'message/rfc822' || part.type === 'message/global';
}

const WELL_KNOWN_NAMES: ReadonlyMap<string, string> = new Map([
  ['application/pkcs7-mime', 'smime.p7m'],
  ['application/x-pkcs7-mime', 'smime.p7m'],
  ['application/pkcs7-signature', 'smime.p7s'],
  ['application/x-pkcs7-signature', 'smime.p7s'],
  ['text/calendar', 'invite.ics'],
  ['message/delivery-status', 'delivery-status.txt'],
  ['message/disposition-notification', 'disposition-notification.txt'],
  ['text/rfc822-headers', 'headers.txt'],
]);

function extensionOf(type: string): string {
  if (!Object.hasOwn(mimetypes.list, type)) return 'bin';
  const known = mimetypes.list[type]!;
  return typeof known === 'string' ? known : (known[0] ?? 'bin');
}

function harmless(name: string): string {
  const clean = name.replace(DIRECTION_MARKS, '').replace(SEPARATORS_AND_CONTROLS, '_').trim();
  return /^[._\s]*$/.test(clean) ? '' : clean;
}

// Cut in the middle, so that the extension stays.
function bounded(name: string): string {
  if (name.length <= NAME_CHARACTERS) return name;
  const extension = EXTENSION.exec(name)?.[0] ?? '';
  const stem = name.slice(0, NAME_CHARACTERS - extension.length);
  return `${stem.replace(/[\ud800-\udbff]$/, '')}${extension}`;
}

function embeddedSubject(octets: Buffer, part: MimePart): string {
  const end = Math.min(part.bodyEnd, part.bodyStart + EMBEDDED_HEADER_OCTETS);
  const message = decodeTransfer(octets.subarray(part.bodyStart, end), part.encoding);
  const subject = rawValue(readHeader(message, 0, message.length), 'subject');
  return subject === undefined ? '' : decodeHeaderText(subject);
}
