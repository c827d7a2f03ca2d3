// Octets of a named charset to text, and charset to Windows code page (RFC 2978, Character Set Registration;
// MS-ASEMAIL section 2.2.2.40, InternetCPID).
import { isAscii, isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import japanese from 'libmime/lib/charset.js';

// What senders write, and the superset that their octets are really in.
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['iso-8859-1', 'windows-1252'],
  ['iso8859-1', 'windows-1252'],
  ['iso_8859-1', 'windows-1252'],
  ['latin1', 'windows-1252'],
  ['latin-1', 'windows-1252'],
  ['l1', 'windows-1252'],
  ['cp1252', 'windows-1252'],
  ['iso-8859-9', 'windows-1254'],
  ['iso-8859-11', 'windows-874'],
  ['tis-620', 'windows-874'],
  ['iso-8859-8-i', 'iso-8859-8'],
  ['iso-8859-8-e', 'iso-8859-8'],
  ['utf8', 'utf-8'],
  ['unicode-1-1-utf-8', 'utf-8'],
  ['utf7', 'utf-7'],
  ['unicode-1-1-utf-7', 'utf-7'],
  ['gb2312', 'gb18030'],
  ['gb_2312-80', 'gb18030'],
  ['euc-cn', 'gb18030'],
  ['gbk', 'gb18030'],
  ['x-gbk', 'gb18030'],
  ['cp936', 'gb18030'],
  ['hz', 'hz-gb-2312'],
  ['euc-kr', 'cp949'],
  ['ks_c_5601', 'cp949'],
  ['ks_c_5601-1987', 'cp949'],
  ['ks_c_5601-1989', 'cp949'],
  ['ksc5601', 'cp949'],
  ['ksc_5601', 'cp949'],
  ['x-windows-949', 'cp949'],
  ['shift_jis', 'cp932'],
  ['shift-jis', 'cp932'],
  ['sjis', 'cp932'],
  ['x-sjis', 'cp932'],
  ['ms_kanji', 'cp932'],
  ['windows-31j', 'cp932'],
  ['x-euc-jp', 'euc-jp'],
  ['x-big5', 'big5'],
  ['cp950', 'big5'],
  ['x-mac-roman', 'macintosh'],
  ['macroman', 'macintosh'],
]);

// Windows code pages by the name that stood in the message.
const CODE_PAGES: ReadonlyMap<string, number> = new Map([
  ['utf-8', 65001],
  ['utf-7', 65000],
  ['us-ascii', 20127],
  ['ascii', 20127],
  ['ansi_x3.4-1968', 20127],
  ['latin1', 28591],
  ['l1', 28591],
  ['gb2312', 936],
  ['gbk', 936],
  ['gb18030', 54936],
  ['hz-gb-2312', 52936],
  ['hz', 52936],
  ['big5', 950],
  ['big5-hkscs', 951],
  ['euc-kr', 51949],
  ['cp949', 949],
  ['iso-2022-kr', 50225],
  ['shift_jis', 932],
  ['cp932', 932],
  ['euc-jp', 51932],
  ['iso-2022-jp', 50220],
  ['koi8-r', 20866],
  ['koi8-u', 21866],
  ['windows-874', 874],
  ['tis-620', 874],
  ['macintosh', 10000],
  ['utf-16', 1200],
  ['utf-16le', 1200],
  ['utf-16be', 1201],
]);

const DEFAULT_CODE_PAGE = 20127;
const UTF8_CODE_PAGE = 65001;
// Charsets in which octets below 0x80 are not ASCII.
const NOT_ASCII_COMPATIBLE = /^(?:iso-2022|hz-|utf-?(?:7|16|32)|ucs|cp0|ibm0|ebcdic)/;
const UNSAID =
  /^(?:us-ascii|ascii|ansi_x3\.4-1968|unknown-8bit|x-unknown|unknown|7bit|8bit|x-user-defined|default_charset)?$/;

/** A charset label as written, in lower case and without quotes, blanks and RFC 2231 language. */
export function charsetLabel(written: string | undefined): string {
  if (written === undefined) return '';
  return written
    .toLowerCase()
    .replace(/\*.*$/s, '')
    .replace(/[\s"']/g, '');
}

/** True for charsets that are decoded slowly, so that little of them should be. */
export function isSlowCharset(written: string): boolean {
  return /^(?:iso-2022|hz|utf-?7|unicode-1-1-utf-7)/.test(charsetLabel(written));
}

/** The charset that octets without a (usable) label are in: `us-ascii`, `utf-8`, or windows-1252, which fits anything. */
export function guessCharset(octets: Uint8Array): 'us-ascii' | 'utf-8' | 'windows-1252' {
  if (isAscii(octets)) return 'us-ascii';
  return isUtf8(octets) ? 'utf-8' : 'windows-1252';
}

/**
 * Text of octets in a charset. Never throws: an unknown or missing label is guessed (UTF-8 when the octets are valid
 * UTF-8, else windows-1252), invalid sequences become U+FFFD.
 */
export function decodeText(octets: Buffer, written: string | undefined): string {
  const label = charsetLabel(written);
  const charset = ALIASES.get(label) ?? label;
  if (!NOT_ASCII_COMPATIBLE.test(charset) && isAscii(octets)) return octets.toString('latin1');
  if (charset === 'utf-8') return withoutByteOrderMark(octets.toString('utf8'));
  if (UNSAID.test(charset)) return decodeGuessed(octets);
  if (charset.startsWith('iso-2022-jp')) return japanese.decode(octets, 'ISO-2022-JP').toString();
  if (charset === 'hz-gb-2312') return iconv.decode(highBitsOfHz(octets), 'gb18030');
  if (charset === 'iso-2022-kr') return iconv.decode(highBitsOfIso2022Kr(octets), 'cp949');
  return iconv.encodingExists(charset) ? iconv.decode(octets, charset) : decodeGuessed(octets);
}

/** MS-ASEMAIL R496: Windows code page of the charset that the message was written in, as decimal text. */
export function codePageOf(written: string | undefined): string {
  const label = charsetLabel(written);
  const page = CODE_PAGES.get(label) ?? CODE_PAGES.get(ALIASES.get(label) ?? '') ?? codePageInName(label);
  return String(page);
}

function codePageInName(label: string): number {
  if (label === '') return DEFAULT_CODE_PAGE;
  const iso = /^(?:iso[-_]?8859[-_]?)(\d{1,2})/.exec(label);
  if (iso !== null) return 28590 + Number(iso[1]);
  const windows = /^(?:windows-|cp|ibm|win-?)(\d{3,5})$/.exec(label);
  if (windows !== null) return Number(windows[1]);
  return UNSAID.test(label) ? DEFAULT_CODE_PAGE : UTF8_CODE_PAGE;
}

function decodeGuessed(octets: Buffer): string {
  return isUtf8(octets) ? withoutByteOrderMark(octets.toString('utf8')) : iconv.decode(octets, 'windows-1252');
}

function withoutByteOrderMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

// RFC 1843: between ~{ and ~} each octet lacks its high bit; ~~ is a tilde, ~ at a line's end joins the lines.
function highBitsOfHz(octets: Buffer): Buffer {
  const out = Buffer.allocUnsafe(octets.length);
  let length = 0;
  let high = 0;
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at]!;
    const next = octet === 0x7e ? octets[at + 1] : undefined;
    if (next === 0x7b || next === 0x7d) {
      high = next === 0x7b ? 0x80 : 0;
      at++;
    } else if (next === 0x7e && high === 0) {
      out[length++] = 0x7e;
      at++;
    } else if (next === 0x0a) {
      at++;
    } else {
      if (octet === 0x0a) high = 0;
      out[length++] = octet > 0x20 ? octet | high : octet;
    }
  }
  return out.subarray(0, length);
}

// RFC 1557: ESC $ ) C announces KS X 1001, SO begins it, SI ends it.
function highBitsOfIso2022Kr(octets: Buffer): Buffer {
  const out = Buffer.allocUnsafe(octets.length);
  let length = 0;
  let high = 0;
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at]!;
    if (octet === 0x1b && octets[at + 1] === 0x24 && octets[at + 2] === 0x29 && octets[at + 3] === 0x43) at += 3;
    else if (octet === 0x0e) high = 0x80;
    else if (octet === 0x0f) high = 0;
    else out[length++] = octet > 0x20 ? octet | high : octet;
  }
  return out.subarray(0, length);
}
