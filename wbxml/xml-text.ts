// Character data of the XML view (XML 1.0 sections 2.2, Characters, and 4.1, Character and Entity References).

/** Thrown for XML that is no ActiveSync document; the message names the element where there is one. */
export class XmlViewError extends Error {
  override readonly name = 'XmlViewError';
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Whether XML can hold the text at all. */
export function isWritable(text: string): boolean {
  return !/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text);
}

/** Whether a piece of a document, references not yet resolved, is white space or nothing. */
export function isXmlSpace(text: string): boolean {
  return /^[\t\n\r ]*$/.test(text);
}

/** Writes text so that a parser gives back every character of it. */
export function escapeText(text: string): string {
  // Parsers turn CR into LF, and white space alone is taken for layout: both stay what they are as references.
  const escaped = text.replace(/[&<>\r]/g, (character) => {
    return character === '\r' ? '&#13;' : character === '&' ? '&amp;' : character === '<' ? '&lt;' : '&gt;';
  });
  return isXmlSpace(escaped) ? escaped.replace(/^./s, (first) => `&#${first.charCodeAt(0)};`) : escaped;
}

/** Resolves the five predefined entities and character references; throws XmlViewError for any other reference. */
export function unescapeText(text: string, path: string): string {
  return text.replace(/&([^;&]{0,12});?/g, (reference, name: string) => {
    const digits = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
    const code = digits === null ? -1 : digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16);
    const character =
      code > 0 && code <= 0x10ffff
        ? String.fromCodePoint(code)
        : Object.hasOwn(entities, name)
          ? entities[name]
          : undefined;
    if (character === undefined || !reference.endsWith(';') || !isWritable(character)) {
      throw new XmlViewError(`${path}: unknown reference ${reference}`);
    }
    return character;
  });
}
