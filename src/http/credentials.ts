// Credentials of Basic authentication (RFC 7617 section 2, The 'Basic' Authentication Scheme; MS-ASHTTP section 2.2.1.1.2.2, Authorization).

export interface Login {
  /** Login name, or an address; lower case. */
  readonly name: string;
  /** What stood before the backslash, lower case. */
  readonly domain: string | undefined;
  readonly password: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The logins that a header may mean, most likely first; none when it is no Basic header. Phones send UTF-8, Outlook for
 * Windows ISO-8859-1, and some passwords can be read as both.
 */
export function parseBasic(header: string): readonly Login[] {
  const token = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header)?.[1];
  if (token === undefined) return [];
  const octets = Buffer.from(token, 'base64');
  const latin1 = octets.toString('latin1');
  const texts = [decodeUtf8(octets)];
  if (/[^\0-\x7f]/.test(latin1)) texts.push(latin1);
  return texts.flatMap((text) => {
    const login = text === undefined ? undefined : loginOf(text);
    return login === undefined ? [] : [login];
  });
}

function loginOf(text: string): Login | undefined {
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  const user = text.slice(0, colon).trim().toLowerCase();
  const password = text.slice(colon + 1);
  const backslash = user.indexOf('\\');
  const name = user.slice(backslash + 1);
  // Control characters can be in no name, and would only spoil logs.
  if (name === '' || name.length > 320 || /[\0-\x1f]/.test(user)) return undefined;
  // Outlook puts a domain even before an address, which says more.
  const domain = backslash <= 0 || name.includes('@') ? undefined : user.slice(0, backslash);
  return { name, domain, password };
}

function decodeUtf8(octets: Buffer): string | undefined {
  try {
    return utf8.decode(octets);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
