// What is derived once from a stored message, so that a Sync never parses MIME.
// Plain data: it is kept as JSON beside the octets and never holds the octets themselves.

/** A part that a client can fetch as an attachment (MS-ASAIRS section 2.2.2.5, Attachment). */
export interface AttachmentPart {
  /** Index in the message's attachment table; with the message it makes the FileReference. */
  readonly index: number;
  /** Display name, decoded; made up (`.eml` for messages, by type otherwise) when the part names none. */
  readonly name: string;
  /** Media type in lower case, without parameters. */
  readonly contentType: string;
  /** Content-ID without angle brackets. */
  readonly contentId?: string;
  /** Content-Location as written. */
  readonly contentLocation?: string;
  /** True when the part is shown inside the body (referred to by the HTML, or inline and inside multipart/related). */
  readonly inline: boolean;
  /** AirSyncBase Method: 1 normal, 5 embedded message, 6 OLE. */
  readonly method: 1 | 5 | 6;
  /** First octet of the encoded part body within the message. */
  readonly start: number;
  /** Octet after the last of the encoded part body. */
  readonly end: number;
  /** Content-Transfer-Encoding in lower case; `7bit` when absent. */
  readonly encoding: string;
  /** Size of the decoded octets. */
  readonly size: number;
}

/** How a message is protected (MS-OXOSMIME): the whole message must reach the client untouched unless `none`. */
export type SmimeForm = 'none' | 'clear-signed' | 'opaque';

/** Everything that the commands need of a message besides its octets. Times are milliseconds since 1970 UTC. */
export interface DerivedMessage {
  /** Decoded, unfolded Subject; empty when there is none. */
  readonly subject: string;
  /** Subject without reply and forward prefixes (MS-ASEMAIL section 2.2.2.75, ThreadTopic). */
  readonly threadTopic: string;
  /** Address lists as `"Name" <address>, …`, decoded, at most 32768 characters; empty when absent. */
  readonly from: string;
  readonly sender: string;
  readonly to: string;
  readonly cc: string;
  readonly bcc: string;
  readonly replyTo: string;
  /** Display names (or addresses) of To separated by `; `. */
  readonly displayTo: string;
  /** Bare addresses of From, lower case. */
  readonly fromAddresses: readonly string[];
  /** Message-ID, In-Reply-To and References as written, with angle brackets. */
  readonly messageId: string;
  readonly inReplyTo: string;
  readonly references: readonly string[];
  /** The Date header; undefined when absent or unreadable. */
  readonly date?: number;
  /** 0 low, 1 normal, 2 high. */
  readonly importance: 0 | 1 | 2;
  /** MS-ASEMAIL section 2.2.2.49, MessageClass, for example `IPM.Note.SMIME.MultipartSigned`. */
  readonly messageClass: string;
  readonly smime: SmimeForm;
  /** Windows code page of the original charset as decimal text (MS-ASEMAIL section 2.2.2.40, InternetCPID). */
  readonly internetCpid: string;
  /** AirSyncBase NativeBodyType: 1 plain text, 2 HTML. */
  readonly nativeBodyType: 1 | 2;
  /** Length in UTF-8 octets of the plain and the HTML body as stored; html 0 when there is none. */
  readonly plainSize: number;
  readonly htmlSize: number;
  /** The first 255 characters of the plain text, blank runs joined. */
  readonly preview: string;
  readonly attachments: readonly AttachmentPart[];
  /** True when a Disposition-Notification-To asks for a read receipt. */
  readonly readReceiptRequested: boolean;
  /** Text of the first text/calendar part, for meeting messages; at most 1 MiB. */
  readonly calendar?: string;
}

/** The bodies that go with a {@link DerivedMessage}; stored apart because they are large. */
export interface DerivedBodies {
  /** Plain text, LF or CRLF as made; from the HTML when the message has no plain part. */
  readonly plain: string;
  /** HTML body as Unicode; undefined when the message has no HTML part. */
  readonly html?: string;
}
