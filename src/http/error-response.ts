// Turns errors into a Status or an HTTP status by protocol version (MS-ASCMD section 2.2.2, Common Status Codes). The only place that does.
import { WbxmlError } from '../../wbxml/index.ts';
import { type Command, CommandError, type CommandReply } from '../commands/command.ts';
import { CommonStatus, firstCommonStatus, httpStatusOf, statusKnownAt } from '../protocol/common-status.ts';
import type { ProtocolVersion } from '../protocol/version.ts';

/** An answer that is nothing but an HTTP status. */
export interface HttpAnswer {
  readonly kind: 'http';
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log. */
  readonly reason?: string;
}

export type Answer = Exclude<CommandReply, { kind: 'http' }> | HttpAnswer;

/**
 * The answer that says one status for the whole request: from 14.0 on a document, up to 12.1 and for commands without such
 * a document the HTTP status that stands for it (R7461, R7462).
 */
export function statusAnswer(status: number, command: Command, version: ProtocolVersion, reason?: string): Answer {
  const inDocument = status < firstCommonStatus || version >= 14;
  const root = inDocument && statusKnownAt(status, version) ? command.statusDocument(status) : undefined;
  if (root !== undefined) return { kind: 'document', root };
  const http = { kind: 'http', status: httpStatusOf(status, command.name) } as const;
  return reason === undefined ? http : { ...http, reason };
}

/** What an error that a command threw is answered with; `unexpected` when it tells of a fault of ours and must be logged. */
export function errorAnswer(
  error: unknown,
  command: Command,
  version: ProtocolVersion,
): { readonly answer: Answer; readonly unexpected: boolean } {
  if (error instanceof CommandError) {
    return { answer: statusAnswer(error.status, command, version, error.message), unexpected: false };
  }
  return { answer: statusAnswer(CommonStatus.ServerError, command, version), unexpected: true };
}

/** What a body that is no document is answered with. */
export function undecodableAnswer(error: unknown, command: Command, version: ProtocolVersion): Answer {
  if (!(error instanceof WbxmlError)) throw error;
  return statusAnswer(CommonStatus.InvalidWBXML, command, version, error.message);
}
