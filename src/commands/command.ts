// What an ActiveSync command is. A command is one file: its schemas and what it does; index.ts lists them.
import type { Logger } from 'pino';
import type { Element } from '../../wbxml/index.ts';
import type { MailboxId } from '../protocol/ids.ts';
import { readDocument, SchemaError } from '../protocol/read.ts';
import type { DocumentSchema, Infer, Type } from '../protocol/schema.ts';
import type { ProtocolVersion } from '../protocol/version.ts';
import { writeDocument } from '../protocol/write.ts';
import type { Partnership } from '../store/device-store.ts';
import type { User } from '../store/directory-store.ts';
import type { Services } from './services.ts';

/** Parameters of the request line besides Cmd, User, DeviceId and DeviceType (MS-ASHTTP section 2.2.1.1.1, Request Line). */
export interface CommandQuery {
  readonly attachmentName?: string;
  readonly collectionId?: string;
  readonly itemId?: string;
  readonly longId?: string;
  readonly occurrence?: string;
  readonly parentId?: string;
  readonly saveInSent: boolean;
  /** The answer may be multipart (MS-ASHTTP section 2.2.1.1.2.5, MS-ASAcceptMultiPart). */
  readonly acceptMultiPart: boolean;
}

/** What a command knows of the request besides its body. */
export interface CommandContext {
  readonly version: ProtocolVersion;
  readonly user: User;
  readonly mailbox: MailboxId;
  /** The partnership; for DeviceId `validate` one that is not kept (its id is 0). */
  readonly device: Partnership;
  readonly query: CommandQuery;
  /** X-MS-PolicyKey or the policy key of a base64 query; absent when the request carries none or no number. */
  readonly policyKey?: number | undefined;
  readonly services: Services;
  /** Aborted when the client went away or the server shuts down; a held request ends then. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export type RequestBody =
  | { readonly kind: 'empty' }
  | { readonly kind: 'document'; readonly root: Element }
  /** A body that is no WBXML: message/rfc822 of SendMail and Smart* up to 12.1. */
  | { readonly kind: 'mime'; readonly octets: Buffer };

export type CommandReply =
  | {
      readonly kind: 'document';
      readonly root: Element /** Parts of a multipart answer, in order from 1. */;
      readonly parts?: readonly Buffer[];
    }
  /** 200 without a body. */
  | { readonly kind: 'empty' }
  /** Octets that are no WBXML (GetAttachment). */
  | { readonly kind: 'octets'; readonly contentType: string; readonly octets: Buffer }
  /** An HTTP error where the specification wants one instead of a Status. */
  | { readonly kind: 'http'; readonly status: number };

/** Ends a command with a Status for the whole request (its own or a common one, MS-ASCMD section 2.2.2, Common Status Codes). */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

export interface Command {
  /** As in Cmd and MS-ASProtocolCommands. */
  readonly name: string;
  /** The protocol versions that have it; all when absent. */
  readonly since?: ProtocolVersion;
  readonly until?: ProtocolVersion;
  /** Whether a device that must provision first may send it all the same (Provision and what goes before it). */
  readonly beforeProvisioning?: boolean;
  /** Kinds of body that it takes at a version; another one is common status 101 or HTTP 400. */
  readonly bodies: (version: ProtocolVersion) => readonly RequestBody['kind'][];
  /** Runs it. Throws {@link CommandError} for a Status that stands for the whole request; SchemaErrors are turned into one before. */
  readonly execute: (context: CommandContext, body: RequestBody) => Promise<CommandReply>;
  /** The document that carries nothing but a Status, at a version; undefined where the command has none and HTTP must say it. */
  readonly statusDocument: (status: number) => Element | undefined;
}

/** Parts of a command whose request and response are documents. */
export interface DocumentCommand<Request extends Type, Response extends Type> {
  readonly name: string;
  readonly since?: ProtocolVersion;
  readonly until?: ProtocolVersion;
  readonly beforeProvisioning?: boolean;
  readonly request: DocumentSchema<Request>;
  readonly response: DocumentSchema<Response>;
  /** Whether a request without a body means something (Sync, Ping, ...). `handle` gets undefined then. */
  readonly emptyRequest?: boolean;
  /** The Status for a request that its schema refuses; a command's own protocol error, else 103 (InvalidXML). */
  readonly invalid: (error: SchemaError, version: ProtocolVersion) => number;
  readonly handle: (context: CommandContext, request: Infer<Request> | undefined) => Promise<DocumentReply<Response>>;
  readonly statusDocument: (status: number) => Element | undefined;
}

export type DocumentReply<Response extends Type> =
  | { readonly kind: 'document'; readonly value: Infer<Response>; readonly parts?: readonly Buffer[] }
  | Exclude<CommandReply, { kind: 'document' }>;

/** Makes a command of its schemas and its handler. */
export function documentCommand<Request extends Type, Response extends Type>(
  definition: DocumentCommand<Request, Response>,
): Command {
  const { name, since, until, beforeProvisioning, request, response, statusDocument } = definition;
  const bodies: readonly RequestBody['kind'][] = definition.emptyRequest ? ['document', 'empty'] : ['document'];
  return {
    name,
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    beforeProvisioning: beforeProvisioning ?? false,
    bodies: () => bodies,
    statusDocument,
    async execute(context, body) {
      let value: Infer<Request> | undefined;
      if (body.kind === 'document') {
        try {
          value = readDocument(request, body.root, context.version);
        } catch (error) {
          if (!(error instanceof SchemaError)) throw error;
          throw new CommandError(definition.invalid(error, context.version), error.message);
        }
      }
      // Not awaited here: this frame holds the request, and the command may wait for an hour.
      return written(response, definition.handle(context, value), context.version);
    },
  };
}

async function written<Response extends Type>(
  response: DocumentSchema<Response>,
  handled: Promise<DocumentReply<Response>>,
  version: ProtocolVersion,
): Promise<CommandReply> {
  const reply = await handled;
  if (reply.kind !== 'document') return reply;
  const root = writeDocument(response, reply.value, version);
  return reply.parts === undefined ? { kind: 'document', root } : { kind: 'document', root, parts: reply.parts };
}
