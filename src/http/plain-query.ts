// A query in plain text (MS-ASHTTP section 2.2.1.1.1.2, Plain Text Query Value).
import type { MalformedQuery, RequestQuery } from './query.ts';

/** Reads `Cmd=Sync&User=...`: parameters in any order, names of any case, unknown ones passed over. */
export function parsePlainQuery(text: string): RequestQuery | MalformedQuery {
  const values = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = (equals < 0 ? pair : pair.slice(0, equals)).toLowerCase();
    if (values.has(name)) return { kind: 'malformed', reason: 'a parameter stands twice in the query' };
    const value = withoutEscapes(equals < 0 ? '' : pair.slice(equals + 1));
    // A user's name in another charset than UTF-8 harms nobody: it is not what says who the user is.
    if (value === undefined && name !== 'user') return { kind: 'malformed', reason: 'bad escapes in the query' };
    values.set(name, value ?? '');
  }
  const command = values.get('cmd');
  if (command === undefined || command === '') return { kind: 'malformed', reason: 'the query names no command' };
  return {
    kind: 'query',
    command,
    user: values.get('user') ?? '',
    deviceId: values.get('deviceid') ?? '',
    deviceType: values.get('devicetype') ?? '',
    version: undefined,
    policyKey: undefined,
    parameters: {
      ...optional('attachmentName', values.get('attachmentname')),
      ...optional('collectionId', values.get('collectionid')),
      ...optional('itemId', values.get('itemid')),
      ...optional('longId', values.get('longid')),
      ...optional('occurrence', values.get('occurrence')),
      ...optional('parentId', values.get('parentid')),
      saveInSent: values.get('saveinsent')?.toUpperCase() === 'T',
      acceptMultiPart: false,
    },
  };
}

function optional<N extends string>(name: N, value: string | undefined): { [K in N]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { [K in N]: string });
}

function withoutEscapes(value: string): string | undefined {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
