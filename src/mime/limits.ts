// Limits that keep the reading of any message bounded in time and memory (RFC 5322 and RFC 2045 set none).

const KIB = 1024;
const MIB = 1024 * KIB;

/** Octets of one header block that are read for fields; the rest of a longer block is passed over. */
export const HEADER_BLOCK_OCTETS = 1 * MIB;
/** Fields read from one header block. */
export const HEADER_FIELDS = 4000;
/** Characters of one field value that are decoded. */
export const FIELD_CHARACTERS = 64 * KIB;
/** Parameters, RFC 2231 pieces counted one by one, read from one field. */
export const PARAMETERS = 200;
/** Characters of one parameter's value. */
export const PARAMETER_CHARACTERS = 4 * KIB;
/** Elements of an HTML body that may be open at once; html-to-text takes quadratic time in them. */
export const HTML_OPEN_ELEMENTS = 1000;
/** Multipart levels that are opened; what lies deeper is one closed part. */
export const DEPTH = 100;
/** Parts of one message; the last one takes all that follows. */
export const PARTS = 2000;
/** Lines looked at because they begin like a boundary, over the whole message. */
export const BOUNDARY_CANDIDATES = 100_000;
/** Octets searched for boundaries, as a multiple of the message (each level searches its range anew), plus a floor. */
export const SEARCH_FACTOR = 8;
export const SEARCH_FLOOR_OCTETS = 16 * MIB;
/** Encoded octets of text taken into the bodies, over the whole message. */
export const BODY_OCTETS = 16 * MIB;
/** The same for charsets whose decoders read less than 10 MB/s (UTF-7, ISO-2022-JP). */
export const SLOW_CHARSET_OCTETS = 2 * MIB;
/** Characters of HTML turned into plain text when a message has no plain part (html-to-text reads about 4 MB/s). */
export const HTML_TO_TEXT_CHARACTERS = 256 * KIB;
/** Characters of a calendar kept with the message. */
export const CALENDAR_CHARACTERS = 1 * MIB;
/** MS-ASEMAIL R477, R788: longest From and To. */
export const ADDRESS_LIST_CHARACTERS = 32_768;
/** Characters of an attachment's display name. */
export const NAME_CHARACTERS = 255;
/** Message-IDs kept of a References header: the first ones and the last ones. */
export const REFERENCES = 100;
