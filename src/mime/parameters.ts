// Structured field values and their parameters (RFC 2045 section 5.1, Syntax of the Content-Type Header Field;
// RFC 2231 sections 3 and 4, Parameter Value Continuations, Character Set and Language Information).
import { decodeText } from './charset.ts';
import { decodeHeaderText } from './header-text.ts';
import { FIELD_CHARACTERS, PARAMETER_CHARACTERS, PARAMETERS } from './limits.ts';

/** A structured value such as `text/plain; charset=utf-8`. */
export interface StructuredValue {
  /** What stands before the first semicolon, in lower case, without comments and blanks. */
  readonly value: string;
  /** Decoded parameters by name in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

interface Piece {
  readonly order: number;
  readonly encoded: boolean;
  readonly text: string;
}

const NO_PARAMETERS: ReadonlyMap<string, string> = new Map();
const SIMPLE = /^\s*([^\s;"()\\]+)\s*$/;

/**
 * Reads a structured value; total. `charset` is the one to try on raw 8-bit parameters.
 * A library was not taken: libmime's parser writes to Object.prototype when a parameter is named `__proto__*0*`.
 */
export function readStructured(raw: string, charset?: string): StructuredValue {
  const simple = SIMPLE.exec(raw);
  if (simple !== null) return { value: simple[1]!.toLowerCase(), parameters: NO_PARAMETERS };
  const pieces = splitAtSemicolons(raw.slice(0, FIELD_CHARACTERS));
  const parameters = new Map<string, string>();
  const continued = new Map<string, Piece[]>();
  for (const piece of pieces.slice(1, PARAMETERS + 1)) {
    const equals = piece.indexOf('=');
    if (equals < 0) continue;
    const name = piece.slice(0, equals).trim().toLowerCase();
    const text = unquote(piece.slice(equals + 1).trim()).slice(0, PARAMETER_CHARACTERS);
    const star = name.indexOf('*');
    if (star > 0) {
      const base = name.slice(0, star);
      const list = continued.get(base) ?? [];
      continued.set(base, list);
      const order = Number.parseInt(name.slice(star + 1), 10);
      list.push({ order: Number.isNaN(order) ? 0 : order, encoded: name.endsWith('*'), text });
    } else if (!parameters.has(name)) {
      parameters.set(name, decodeHeaderText(text, charset));
    }
  }
  for (const [name, list] of continued) parameters.set(name, joinPieces(list, charset));
  return { value: (pieces[0] ?? '').replace(/\s+/g, '').toLowerCase(), parameters };
}

// Splits outside quoted strings and leaves comments out; quotes and backslashes stay for unquote.
function splitAtSemicolons(raw: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let quoted = false;
  let comment = 0;
  let from = 0;
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    if (code === 0x5c && (quoted || comment > 0)) at++;
    else if (code === 0x22 && comment === 0) quoted = !quoted;
    else if (quoted) continue;
    else if (code === 0x28) {
      if (comment++ === 0) piece += raw.slice(from, at);
    } else if (code === 0x29 && comment > 0) {
      if (--comment === 0) from = at + 1;
    } else if (code === 0x3b && comment === 0) {
      pieces.push(piece + raw.slice(from, at));
      piece = '';
      from = at + 1;
    }
  }
  pieces.push(comment > 0 ? piece : piece + raw.slice(from));
  return pieces;
}

// Only \" and \\ are undone: senders put Windows paths into names without escaping their backslashes.
function unquote(value: string): string {
  if (value.charCodeAt(0) !== 0x22) return value;
  const end = value.length > 1 && value.endsWith('"') ? value.length - 1 : value.length;
  const inner = value.slice(1, end);
  return inner.includes('\\') ? inner.replace(/\\(["\\])/g, '$1') : inner;
}

function joinPieces(pieces: Piece[], fallback: string | undefined): string {
  pieces.sort((a, b) => a.order - b.order);
  let charset: string | undefined;
  let octets = '';
  let encoded = false;
  for (const [index, piece] of pieces.entries()) {
    let text = piece.text;
    if (piece.encoded) {
      encoded = true;
      const announced = index === 0 ? /^([^']*)'[^']*'(.*)$/s.exec(text) : null;
      if (announced !== null) {
        charset = announced[1] === '' ? undefined : announced[1];
        text = announced[2]!;
      }
      text = text.replace(/%([0-9a-f]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    }
    octets += text;
    if (octets.length > PARAMETER_CHARACTERS) break;
  }
  if (!encoded) return decodeHeaderText(octets, fallback);
  return decodeText(Buffer.from(octets, 'latin1'), charset);
}
