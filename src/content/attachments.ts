// The list of attachments of an item (MS-ASAIRS section 2.2.2.8, Attachments).
import { AirSyncBase } from '../../wbxml/index.ts';
import type { AttachmentPart } from '../mime/message.ts';
import { fileReferenceOf } from '../protocol/file-reference.ts';
import type { FolderId, ItemId } from '../protocol/ids.ts';
import { type Infer, many, one, optional, struct } from '../protocol/schema.ts';
import { flag, integer, text } from '../protocol/values.ts';

export const attachments = struct({
  attachments: many(
    AirSyncBase.Attachment,
    struct({
      displayName: optional(AirSyncBase.DisplayName, text()),
      fileReference: one(AirSyncBase.FileReference, text()),
      method: one(AirSyncBase.Method, integer()),
      estimatedDataSize: one(AirSyncBase.EstimatedDataSize, integer()),
      contentId: optional(AirSyncBase.ContentId, text()),
      contentLocation: optional(AirSyncBase.ContentLocation, text()),
      isInline: optional(AirSyncBase.IsInline, flag),
    }),
  ),
});

/** The Attachments element's value; undefined when there are none, for the element must not be empty. */
export function attachmentList(
  folder: FolderId,
  item: ItemId,
  parts: readonly AttachmentPart[],
): Infer<typeof attachments> | undefined {
  if (parts.length === 0) return undefined;
  return {
    attachments: parts.map((part) => ({
      displayName: part.name,
      fileReference: fileReferenceOf(folder, item, part.index),
      method: part.method,
      estimatedDataSize: part.size,
      contentId: part.contentId,
      contentLocation: part.contentLocation,
      isInline: part.inline ? true : undefined,
    })),
  };
}
