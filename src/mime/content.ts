// Which parts are the body and which are attachments (RFC 2046 section 5.1; RFC 2387, multipart/related; MS-ASAIRS section 2.2.2.7, Attachment).
import { attachmentName, isEmbeddedMessage, saidName } from './attachment-name.ts';
import { plainToHtmlFragment } from './body.ts';
import { charsetLabel, decodeText, guessCharset, isSlowCharset } from './charset.ts';
import { rawValue } from './header.ts';
import { decodeHeaderText } from './header-text.ts';
import { BODY_OCTETS, CALENDAR_CHARACTERS, HTML_TO_TEXT_CHARACTERS, SLOW_CHARSET_OCTETS } from './limits.ts';
import type { AttachmentPart } from './message.ts';
import { type CalendarText, isPkcs7Mime } from './message-class.ts';
import { htmlToPlain, joinFlowed } from './plain-text.ts';
import type { MimePart } from './structure.ts';
import { decodedSize, decodeTransfer } from './transfer-encoding.ts';

/** What a message shows and carries. */
export interface Content {
  readonly plain: string;
  readonly html: string | undefined;
  /** Charset label of the body as written or guessed; empty when the message has no text. */
  readonly charset: string;
  readonly attachments: readonly AttachmentPart[];
  readonly calendar: CalendarText | undefined;
}

interface Text {
  readonly plain: string | undefined;
  readonly html: string | undefined;
}

interface Attached {
  readonly part: MimePart;
  readonly related: boolean;
}

const META_OCTETS = 1024;

/** Chooses the bodies and lists the attachments of a message. */
export function readContent(octets: Buffer, root: MimePart): Content {
  const reader = new ContentReader(octets);
  const text = reader.read(root, { related: false, choice: true });
  const html = text?.html;
  const plain = text?.plain ?? (html === undefined ? '' : htmlToPlain(html));
  const attachments = listAttachments(octets, reader.attached, html);
  return { plain, html, charset: reader.charset, attachments, calendar: reader.calendar };
}

interface Place {
  /** Inside a multipart/related, not as its root. */
  readonly related: boolean;
  /** The only part or one of alternatives: a text here is the body even when it has a file name. */
  readonly choice: boolean;
}

class ContentReader {
  readonly attached: Attached[] = [];
  charset = '';
  calendar: CalendarText | undefined;
  readonly #octets: Buffer;
  #octetsLeft = BODY_OCTETS;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  read(part: MimePart, place: Place): Text | undefined {
    if (part.children.length > 0) {
      if (part.type === 'multipart/alternative') return this.#readAlternative(part, place);
      return part.type === 'multipart/related' ? this.#readRelated(part, place) : this.#readMixed(part, place);
    }
    if (part.type === 'text/calendar' && this.#takeCalendar(part)) return undefined;
    if (isBodyText(part, place)) return this.#readText(part);
    this.attached.push({ part, related: place.related });
    return undefined;
  }

  // The last alternative of each kind is the sender's best; an empty one does not displace one with content.
  #readAlternative(part: MimePart, place: Place): Text | undefined {
    let plain: string | undefined;
    let html: string | undefined;
    for (const child of part.children) {
      const text = this.read(child, { related: place.related, choice: true });
      if (text === undefined) continue;
      if (text.html !== undefined && (html === undefined || text.html.trim() !== '')) html = text.html;
      const preferred = text.html === undefined || plain === undefined;
      if (text.plain !== undefined && preferred && (plain === undefined || text.plain.trim() !== ''))
        plain = text.plain;
    }
    return plain === undefined && html === undefined ? undefined : { plain, html };
  }

  #readRelated(part: MimePart, place: Place): Text | undefined {
    const start = part.parameters.get('start')?.replace(/[<>\s]/g, '');
    const said = start === undefined ? undefined : part.children.find((child) => contentIdOf(child) === start);
    const root = said ?? part.children[0]!;
    let text: Text | undefined;
    for (const child of part.children) {
      if (child === root) text = this.read(child, { related: place.related, choice: true });
      else if (child.children.length > 0) this.read(child, { related: true, choice: false });
      else this.attached.push({ part: child, related: true });
    }
    return text;
  }

  // Texts among the parts follow one another, as mail programs show them.
  #readMixed(part: MimePart, place: Place): Text | undefined {
    const texts: Text[] = [];
    for (const child of part.children) {
      const text = this.read(child, {
        related: place.related,
        choice: texts.length === 0 && child === part.children[0],
      });
      if (text !== undefined) texts.push(text);
    }
    return texts.length < 2 ? texts[0] : joinTexts(texts);
  }

  #readText(part: MimePart): Text {
    const end = Math.min(part.bodyEnd, part.bodyStart + this.#octetsLeft);
    this.#octetsLeft -= end - part.bodyStart;
    const decoded = decodeTransfer(this.#octets.subarray(part.bodyStart, end), part.encoding);
    const html = part.type === 'text/html';
    const charset = part.charset === '' && html ? charsetInHtml(decoded) : part.charset;
    let text = decodeText(isSlowCharset(charset) ? decoded.subarray(0, SLOW_CHARSET_OCTETS) : decoded, charset);
    if (text.includes('\0')) text = text.replaceAll('\0', '');
    if (this.charset === '' || html) this.charset = charset === '' ? guessCharset(decoded) : charset;
    if (html) return { plain: undefined, html: text };
    const flowed = part.parameters.get('format')?.toLowerCase() === 'flowed';
    if (flowed) text = joinFlowed(text, part.parameters.get('delsp')?.toLowerCase() === 'yes');
    return { plain: text, html: undefined };
  }

  // A calendar is the meeting, not an attachment, unless it is a file sent along.
  #takeCalendar(part: MimePart): boolean {
    const method = part.parameters.get('method')?.toUpperCase() ?? '';
    const attachment = part.disposition === 'attachment' || (method === '' && saidName(part) !== '');
    if (this.calendar === undefined && (method !== '' || !attachment)) {
      const limit = part.bodyStart + CALENDAR_CHARACTERS * 2;
      const decoded = decodeTransfer(
        this.#octets.subarray(part.bodyStart, Math.min(part.bodyEnd, limit)),
        part.encoding,
      );
      const text = decodeText(decoded, part.charset === '' ? 'utf-8' : part.charset).slice(0, CALENDAR_CHARACTERS);
      this.calendar = { text: text.replaceAll('\0', ''), method };
    }
    return !attachment;
  }
}

function isBodyText(part: MimePart, place: Place): boolean {
  if (part.type !== 'text/plain' && part.type !== 'text/html') return false;
  if (part.disposition === 'attachment') return false;
  return place.choice || saidName(part) === '';
}

function joinTexts(texts: readonly Text[]): Text {
  const anyHtml = texts.some((text) => text.html !== undefined);
  const anyPlain = texts.some((text) => text.plain !== undefined);
  const html = anyHtml
    ? texts.map((text) => text.html ?? plainToHtmlFragment(text.plain ?? '')).join('<br>\r\n')
    : undefined;
  let left = HTML_TO_TEXT_CHARACTERS;
  const plainOf = (text: Text): string => {
    if (text.plain !== undefined) return text.plain;
    const read = (text.html ?? '').slice(0, left);
    left -= read.length;
    return htmlToPlain(read);
  };
  const plain = anyPlain ? texts.map(plainOf).join('\n') : undefined;
  return { plain, html };
}

function charsetInHtml(octets: Buffer): string {
  const beginning = octets.toString('latin1', 0, Math.min(octets.length, META_OCTETS));
  const found = /<meta\s[^>]*charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)/i.exec(beginning);
  const label = charsetLabel(found?.[1]);
  // A meta element that could be read as ASCII cannot be telling the truth about these.
  return label.startsWith('utf-16') || label.startsWith('utf-32') ? 'utf-8' : label;
}

function listAttachments(octets: Buffer, attached: readonly Attached[], html: string | undefined): AttachmentPart[] {
  const referred = html === undefined || attached.length === 0 ? new Set<string>() : contentIdsIn(html);
  return attached.map(({ part, related }, index) => {
    const contentId = contentIdOf(part);
    const location = rawValue(part.header, 'content-location');
    const contentLocation = location === undefined ? '' : decodeHeaderText(location);
    const placed = related && part.disposition !== 'attachment' && (contentId !== '' || contentLocation !== '');
    return {
      index,
      name: attachmentName(octets, part, index),
      contentType: isPkcs7Mime(part) ? 'application/pkcs7-mime' : part.type,
      ...(contentId === '' ? {} : { contentId }),
      ...(contentLocation === '' ? {} : { contentLocation }),
      inline: html !== undefined && (placed || (contentId !== '' && referred.has(contentId.toLowerCase()))),
      method: isEmbeddedMessage(part) ? 5 : 1,
      start: part.bodyStart,
      end: part.bodyEnd,
      encoding: part.encoding,
      size: decodedSize(octets.subarray(part.bodyStart, part.bodyEnd), part.encoding),
    };
  });
}

function contentIdOf(part: MimePart): string {
  const raw = rawValue(part.header, 'content-id');
  return raw === undefined ? '' : decodeHeaderText(raw).replace(/[<>\s]/g, '');
}

function contentIdsIn(html: string): Set<string> {
  const ids = new Set<string>();
  for (const match of html.matchAll(/\bcid:([^"'\s>)\\]{1,998})/gi)) {
    const written = match[1]!.replaceAll('&amp;', '&');
    ids.add(written.toLowerCase());
    ids.add(percentDecoded(written).toLowerCase());
  }
  return ids;
}

function percentDecoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
