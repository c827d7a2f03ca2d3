// The message class of a MIME message (MS-ASEMAIL section 2.2.2.49, MessageClass; MS-OXOSMIME for the S/MIME classes).

import { saidName } from './attachment-name.ts';
import { rawValue, readHeader } from './header.ts';
import type { SmimeForm } from './message.ts';
import { readStructured } from './parameters.ts';
import type { MimePart } from './structure.ts';
import { decodeTransfer } from './transfer-encoding.ts';

const NOTE = 'IPM.Note';
// Octets read of a report's machine-readable part and of the message returned with it.
const REPORT_OCTETS = 64 * 1024;

/**
 * How a message is protected. A sole pkcs7-mime entity is opaque, multipart/signed clear-signed, whatever signs it:
 * OpenPGP signatures break by a changed octet just the same.
 */
export function smimeForm(root: MimePart): SmimeForm {
  if (root.type === 'multipart/signed') return 'clear-signed';
  return isPkcs7Mime(root) ? 'opaque' : 'none';
}

/** True for what MS-OXOSMIME calls an opaque S/MIME entity. */
export function isPkcs7Mime(part: MimePart): boolean {
  if (part.type === 'application/pkcs7-mime' || part.type === 'application/x-pkcs7-mime') return true;
  return part.type === 'application/octet-stream' && /\.p7m$/i.test(saidName(part).trim());
}

/** Message class of a message whose calendar text, when it has one, is `calendar`. */
export function messageClassOf(octets: Buffer, root: MimePart, calendar: CalendarText | undefined): string {
  if (root.type === 'multipart/signed') return 'IPM.Note.SMIME.MultipartSigned';
  if (isPkcs7Mime(root)) {
    const receipt = root.parameters.get('smime-type')?.toLowerCase() === 'signed-receipt';
    return receipt ? 'IPM.Note.Receipt.SMIME' : 'IPM.Note.SMIME';
  }
  if (root.type === 'multipart/report') return reportClass(octets, root);
  return calendar === undefined ? NOTE : meetingClass(calendar);
}

/** Text of a text/calendar part and the method that its Content-Type names. */
export interface CalendarText {
  readonly text: string;
  /** In upper case, empty when the part names none. */
  readonly method: string;
}

function meetingClass(calendar: CalendarText): string {
  const text = calendar.text.replace(/\r?\n[ \t]/g, '');
  if (!/^BEGIN:VEVENT/im.test(text)) return NOTE;
  const method =
    calendar.method === '' ? (/^METHOD[^:\r\n]*:\s*([A-Z-]+)/im.exec(text)?.[1] ?? '').toUpperCase() : calendar.method;
  switch (method) {
    case 'REQUEST':
    case 'ADD':
      return 'IPM.Schedule.Meeting.Request';
    case 'CANCEL':
      return 'IPM.Schedule.Meeting.Canceled';
    case 'COUNTER':
      return 'IPM.Schedule.Meeting.Resp.Tent';
    case 'REPLY':
      return replyClass(text);
    default:
      return NOTE;
  }
}

function replyClass(text: string): string {
  const status = /^ATTENDEE[^\r\n]*;PARTSTAT="?([A-Z-]+)/im.exec(text)?.[1]?.toUpperCase();
  if (status === 'ACCEPTED') return 'IPM.Schedule.Meeting.Resp.Pos';
  if (status === 'DECLINED') return 'IPM.Schedule.Meeting.Resp.Neg';
  return status === 'TENTATIVE' ? 'IPM.Schedule.Meeting.Resp.Tent' : NOTE;
}

// MS-ASEMAIL R603 to R608, R613 to R616.
function reportClass(octets: Buffer, root: MimePart): string {
  const said = root.parameters.get('report-type')?.toLowerCase();
  const machine = root.children.find((child) =>
    /^message\/(?:global-)?(?:delivery-status|disposition-notification)$/.test(child.type),
  );
  if (machine === undefined) return NOTE;
  const body = octets.subarray(machine.bodyStart, Math.min(machine.bodyEnd, machine.bodyStart + REPORT_OCTETS));
  const text = decodeTransfer(body, machine.encoding).toString('latin1');
  if (said === 'disposition-notification' || machine.type.endsWith('disposition-notification')) {
    const displayed = /^Disposition:[^\r\n]*;\s*(?:displayed|dispatched|processed)/im.test(text);
    return displayed ? 'REPORT.IPM.NOTE.IPNRN' : 'REPORT.IPM.NOTE.IPNNRN';
  }
  const suffix = deliverySuffix(text);
  if (suffix === '') return NOTE;
  return suffix === 'DELAYED' ? 'REPORT.IPM.NOTE.DELAYED' : `REPORT.IPM.NOTE${returnedSmime(octets, root)}.${suffix}`;
}

function deliverySuffix(text: string): string {
  const actions = new Set(Array.from(text.matchAll(/^Action:\s*([a-z]+)/gim), (match) => match[1]!.toLowerCase()));
  if (actions.has('failed')) return 'NDR';
  if (actions.has('delayed')) return 'DELAYED';
  return actions.has('delivered') || actions.has('relayed') || actions.has('expanded') ? 'DR' : '';
}

function returnedSmime(octets: Buffer, root: MimePart): string {
  const returned = root.children.find(
    (child) => child.type === 'message/rfc822' || child.type === 'text/rfc822-headers',
  );
  if (returned === undefined) return '';
  const body = octets.subarray(returned.bodyStart, Math.min(returned.bodyEnd, returned.bodyStart + REPORT_OCTETS));
  const message = decodeTransfer(body, returned.encoding);
  const type = readStructured(rawValue(readHeader(message, 0, message.length), 'content-type') ?? '').value;
  if (type === 'multipart/signed') return '.SMIME.MULTIPARTSIGNED';
  return /^application\/(?:x-)?pkcs7-mime$/.test(type) ? '.SMIME' : '';
}
