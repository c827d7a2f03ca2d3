// Names one attachment of one item (MS-ASAIRS section 2.2.2.24, FileReference): `<folder>:<item>:<index>`.
import { type FolderId, type ItemId, parseServerId, serverIdOf } from './ids.ts';

/** At most 37 characters; means nothing in another mailbox. */
export function fileReferenceOf(folder: FolderId, item: ItemId, index: number): string {
  return `${serverIdOf(folder, item)}:${index}`;
}

/** Reads a FileReference (also percent-encoded, as GetAttachment's callers do); undefined when it cannot be one of ours. */
export function parseFileReference(reference: string): { folder: FolderId; item: ItemId; index: number } | undefined {
  const text = reference.replaceAll(/%3a/gi, ':');
  const colon = text.lastIndexOf(':');
  const serverId = parseServerId(text.slice(0, Math.max(colon, 0)));
  const index = text.slice(colon + 1);
  if (serverId === undefined || !/^(0|[1-9][0-9]{0,4})$/.test(index)) return undefined;
  return { ...serverId, index: Number(index) };
}
