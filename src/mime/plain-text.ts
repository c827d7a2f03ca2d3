// Plain text from flowed lines and from HTML (RFC 3676 section 4, The Format=Flowed Parameter).
import { compile } from 'html-to-text';
import { HTML_OPEN_ELEMENTS, HTML_TO_TEXT_CHARACTERS } from './limits.ts';

// The library walks the document by recursion: deeper elements are left out.
const HTML_DEPTH = 64;
// So little HTML takes no time however it is nested.
const HTML_UNCHECKED_CHARACTERS = 4096;
const KEEP_CASE = { options: { uppercase: false } } as const;

const convertHtml = compile({
  wordwrap: false,
  limits: { maxDepth: HTML_DEPTH, ellipsis: '' },
  formatters: {
    // Without this the cells of a row run into one word.
    cell(element, walk, builder) {
      walk(element.children, builder);
      builder.addInline(' ');
    },
  },
  selectors: [
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, noAnchorUrl: true } },
    { selector: 'img', format: 'skip' },
    { selector: 'td', format: 'cell' },
    { selector: 'th', format: 'cell' },
    { selector: 'tr', format: 'block' },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, ...KEEP_CASE })),
  ],
});

/** Readable text of an HTML body; of a long one, of its first 262144 characters. Never throws. */
export function htmlToPlain(html: string): string {
  const read = html.length > HTML_TO_TEXT_CHARACTERS ? html.slice(0, HTML_TO_TEXT_CHARACTERS) : html;
  if (read.length > HTML_UNCHECKED_CHARACTERS && opensTooMuch(read)) return withoutTags(read);
  try {
    return convertHtml(read);
  } catch (error) {
    // Recursion is bounded above, but how much stack the caller has left is not known here.
    if (!(error instanceof RangeError)) throw error;
    return withoutTags(read);
  }
}

const TAG = /<(\/?)([a-z][a-z0-9]*)/gi;
// Elements without an end tag, or ended by the next one of their kind.
const UNPAIRED = new Set(
  'area base br col dd dt embed hr img input li link meta option p param source td th tr wbr'.split(' '),
);

function opensTooMuch(html: string): boolean {
  let open = 0;
  for (const [, slash, name] of html.matchAll(TAG)) {
    if (UNPAIRED.has(name!.toLowerCase())) continue;
    open = slash === '' ? open + 1 : Math.max(0, open - 1);
    if (open > HTML_OPEN_ELEMENTS) return true;
  }
  return false;
}

function withoutTags(html: string): string {
  return html.replace(/<[^<>]*>/g, ' ');
}

/**
 * Joins the soft-broken lines of a format=flowed text; quote marks are written anew before each joined line.
 * A library was not taken: libmime's decodeFlowed takes quadratic time and keeps quote marks inside joined lines.
 */
export function joinFlowed(text: string, deleteSpace: boolean): string {
  const out: string[] = [];
  // Quote depth of the line being joined.
  let open: number | undefined;
  let pieces: string[] = [];
  const close = (): void => {
    if (open === undefined) return;
    out.push(quoted(open, pieces.join('')));
    open = undefined;
    pieces = [];
  };
  for (const line of text.split('\n')) {
    const whole = line.endsWith('\r') ? line.slice(0, -1) : line;
    let quotes = 0;
    while (whole.charCodeAt(quotes) === 0x3e) quotes++;
    const stuffed = whole.charCodeAt(quotes) === 0x20 ? quotes + 1 : quotes;
    const content = whole.slice(stuffed);
    if (open !== undefined && open !== quotes) close();
    const soft = content.endsWith(' ') && content !== '-- ';
    if (content === '-- ') close();
    open ??= quotes;
    pieces.push(soft && deleteSpace ? content.slice(0, -1) : content);
    if (!soft) close();
  }
  close();
  return out.join('\n');
}

function quoted(quotes: number, text: string): string {
  return quotes === 0 ? text : `${'>'.repeat(quotes)} ${text}`;
}
