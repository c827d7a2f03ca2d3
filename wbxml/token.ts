// Global tokens and header bytes of WBXML as ActiveSync uses them (MS-ASWBXML section 1.6, Standards Assignments).

/** The global tokens that ActiveSync documents contain; every other global token is refused. */
export const Token = {
  SwitchPage: 0x00,
  End: 0x01,
  InlineString: 0x03,
  Opaque: 0xc3,
} as const;

/** Added to a tag token when content follows. */
export const contentBit = 0x40;
/** Added to a tag token when attributes follow; ActiveSync has none. */
export const attributesBit = 0x80;
/** The part of a tag token that names the tag within its code page. */
export const tagMask = 0x3f;
/** The lowest token that names a tag; those below are global in every code page. */
export const firstTagToken = 0x05;

/** WBXML 1.3, public identifier 1 (unknown), charset 106 (UTF-8), string table of length 0. */
export const header = Buffer.from([0x03, 0x01, 0x6a, 0x00]);
