// From the octets of a request body to what a command takes (MS-ASHTTP section 2.2.1.1.2.3, Content-Type; 2.2.1.1.3, Request Body).
import { decode } from '../../wbxml/index.ts';
import type { Command, RequestBody } from '../commands/command.ts';
import { CommonStatus } from '../protocol/common-status.ts';
import type { ProtocolVersion } from '../protocol/version.ts';
import { type Answer, statusAnswer, undecodableAnswer } from './error-response.ts';
import type { Exchange } from './exchange.ts';
import { readBody } from './request-body.ts';
import { bodyTypeOf } from './request-headers.ts';
import type { HttpLimits } from './settings.ts';

export type CommandBody =
  | { readonly kind: 'body'; readonly body: RequestBody }
  | { readonly kind: 'answer'; readonly answer: Answer };

const noBody: CommandBody = { kind: 'body', body: { kind: 'empty' } };

/** Reads the body and checks that the command takes its kind at this version. */
export async function readCommandBody(
  exchange: Exchange,
  command: Command,
  version: ProtocolVersion,
  mediaType: string,
  limits: HttpLimits,
): Promise<CommandBody> {
  const outcome = await readBody(exchange.request, exchange.response, limits);
  switch (outcome.kind) {
    case 'octets':
      exchange.received = outcome.octets.length;
      return bodyOf(outcome.octets, command, version, mediaType, limits);
    case 'too-large':
      return refused(413, 'the body is too large');
    case 'too-slow':
    case 'gone':
      return refused(408, 'the body did not arrive');
    case 'unknown-encoding':
      return refused(415, 'the body has an unknown Content-Encoding');
    case 'damaged':
      return refused(400, 'the body is not what its Content-Encoding says');
  }
}

function bodyOf(
  octets: Buffer,
  command: Command,
  version: ProtocolVersion,
  mediaType: string,
  limits: HttpLimits,
): CommandBody {
  const kinds = command.bodies(version);
  const invalid = (reason: string): CommandBody => ({
    kind: 'answer',
    answer: statusAnswer(CommonStatus.InvalidContent, command, version, reason),
  });
  if (octets.length === 0) return kinds.includes('empty') ? noBody : invalid('a body is missing');
  const type = bodyTypeOf(mediaType);
  if (type === 'mime' && kinds.includes('mime')) return { kind: 'body', body: { kind: 'mime', octets } };
  if (type !== 'wbxml' || !kinds.includes('document'))
    return invalid('a body of a kind that the command does not take');
  const { documentDepth: maxDepth, documentElements: maxElements, bodySize: maxBytes } = limits;
  try {
    const root = decode(octets, { maxDepth, maxElements, maxBytes, unknown: 'skip' });
    return { kind: 'body', body: { kind: 'document', root } };
  } catch (error) {
    return { kind: 'answer', answer: undecodableAnswer(error, command, version) };
  }
}

function refused(status: number, reason: string): CommandBody {
  return { kind: 'answer', answer: { kind: 'http', status, reason } };
}
