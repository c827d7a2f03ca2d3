// Tags and code pages: the vocabulary of WBXML for ActiveSync (MS-ASWBXML section 2.1.2.1, Code Pages).

/** One element name of one code page. There is a single object a tag; compare by identity. */
export class Tag {
  /** Code page number, 0-25. */
  readonly page: number;
  /** Token within the page, 0x05-0x3F. */
  readonly token: number;
  /** Element name exactly as the specification writes it. */
  readonly name: string;
  /** XML namespace of the page, for example `AirSync`. */
  readonly namespace: string;
  /** `page * 64 + token`, unique over all pages. */
  readonly id: number;

  constructor(page: number, token: number, name: string, namespace: string) {
    this.page = page;
    this.token = token;
    this.name = name;
    this.namespace = namespace;
    this.id = page * 64 + token;
  }
}

/** A code page: its number, XML namespace, customary prefix, and its tags by name. */
export interface CodePage<Names extends string = string> {
  readonly number: number;
  readonly namespace: string;
  readonly prefix: string;
  readonly tags: Readonly<Record<Names, Tag>>;
}

/** Makes a code page from its table. Throws when a token is out of range or used twice: a wrong table must not start. */
export function codePage<const Tokens extends Record<string, number>>(
  number: number,
  namespace: string,
  prefix: string,
  tokens: Tokens,
): CodePage<keyof Tokens & string> {
  const tags: Record<string, Tag> = Object.create(null);
  const seen = new Set<number>();
  for (const [name, token] of Object.entries(tokens)) {
    if (token < 0x05 || token > 0x3f) throw new RangeError(`token ${token} of ${namespace}:${name} is out of range`);
    if (seen.has(token)) throw new RangeError(`token ${token} of ${namespace}:${name} is used twice`);
    seen.add(token);
    tags[name] = new Tag(number, token, name, namespace);
  }
  return { number, namespace, prefix, tags: tags as Record<keyof Tokens & string, Tag> };
}
