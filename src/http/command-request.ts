// From the request line of an authenticated POST to a command that is ready to run (MS-ASHTTP section 3.2.5.1, Handling HTTP Requests).
import type { OutgoingHttpHeaders } from 'node:http';
import type { Logger } from 'pino';
import { type Element, FolderHierarchy } from '../../wbxml/index.ts';
import type { Command, CommandContext, RequestBody } from '../commands/command.ts';
import type { Services } from '../commands/services.ts';
import { CommonStatus } from '../protocol/common-status.ts';
import type { PartnershipId } from '../protocol/ids.ts';
import type { ProtocolVersion } from '../protocol/version.ts';
import type { PartnershipChange } from '../store/device-store.ts';
import type { User } from '../store/directory-store.ts';
import { readCommandBody } from './command-body.ts';
import { type Answer, statusAnswer } from './error-response.ts';
import type { Exchange } from './exchange.ts';
import { isDeviceId, isDeviceType, partnershipOf, seenChange } from './partnership.ts';
import { parseQuery, type RequestQuery } from './query.ts';
import { type Cancellation, RequestContext } from './request-context.ts';
import { acceptsMultiPart, isShortType, mediaTypeOf, policyKeyOf, userAgentOf, versionOf } from './request-headers.ts';
import type { HttpLimits } from './settings.ts';

/**
 * Says which common status a device gets that must provision first (140 to 144), or undefined when it may go on. Asked before
 * every command that has not `beforeProvisioning`.
 */
export type ProvisioningGate = (
  context: CommandContext,
  command: Command,
) => number | undefined | Promise<number | undefined>;

export interface RequestSurroundings {
  readonly commands: readonly Command[];
  readonly services: Services;
  readonly limits: HttpLimits;
  readonly requiredProvisioning: ProvisioningGate;
  readonly cancellation: Cancellation;
  readonly logger: Logger;
}

/** What is left of a request while its command runs: as little as the answer needs. */
export interface CommandRequest {
  readonly command: Command;
  readonly version: ProtocolVersion;
  /** The client calls WBXML by its short name and is answered so. */
  readonly shortType: boolean;
  /** The whole hierarchy is asked for. */
  wholeHierarchy: boolean;
  /** What the request says of its device, to be kept once the answer is out. */
  seen: { readonly device: PartnershipId; readonly change: PartnershipChange } | undefined;
}

export type Prepared =
  /** There is nothing to run. Without a `request` when it was refused before there was a command. */
  | {
      readonly kind: 'answered';
      readonly answer: Answer;
      readonly request?: CommandRequest;
      readonly headers?: OutgoingHttpHeaders;
    }
  | {
      readonly kind: 'ready';
      readonly request: CommandRequest;
      readonly context: CommandContext;
      readonly body: RequestBody;
    };

/** Checks one request of a user and reads its body; `query` is the text after the question mark. */
export type Prepare = (exchange: Exchange, user: User, query: string) => Promise<Prepared>;

/** Throws when two commands have one name. */
export function createPrepare(surroundings: RequestSurroundings): Prepare {
  const { commands } = surroundings;
  const byName = new Map(commands.map((command) => [command.name.toLowerCase(), command]));
  if (byName.size !== commands.length) throw new Error('two commands have the same name');
  return async (exchange, user, text) => {
    const query = parseQuery(text);
    if (query.kind === 'malformed') return refused(400, query.reason);
    exchange.deviceId = isDeviceId(query.deviceId) ? query.deviceId : '';
    exchange.deviceType = isDeviceType(query.deviceType) ? query.deviceType : '';
    const command = byName.get(query.command.toLowerCase());
    if (command === undefined) return refused(501, 'no such command');
    exchange.command = command.name;
    const { headers } = exchange.request;
    const header = versionOf(query.version, headers);
    if (header.kind !== 'version') {
      return refused(header.kind === 'ancient' ? 505 : 400, `the protocol version is ${header.kind}`);
    }
    exchange.version = header.version;
    const mediaType = mediaTypeOf(headers);
    const request: CommandRequest = {
      command,
      version: header.version,
      shortType: isShortType(mediaType),
      wholeHierarchy: false,
      seen: undefined,
    };
    return prepareCommand(exchange, user, query, mediaType, request, surroundings);
  };
}

/** An HTTP status for a request that names no command of ours, or not in a way that could be understood. */
export function refused(status: number, reason: string, headers?: Readonly<Record<string, string>>): Prepared {
  const answer = { kind: 'http', status, reason } as const;
  return { kind: 'answered', answer: headers === undefined ? answer : { ...answer, headers } };
}

async function prepareCommand(
  exchange: Exchange,
  user: User,
  query: RequestQuery,
  mediaType: string,
  request: CommandRequest,
  surroundings: RequestSurroundings,
): Promise<Prepared> {
  const { command, version } = request;
  const answered = (answer: Answer): Prepared => ({ kind: 'answered', request, answer });
  const fault = faultOf(user, query, request);
  if (fault !== undefined) return answered(statusAnswer(fault, command, version));
  const context = await contextOf(exchange, user, query, request, surroundings);
  if (context === undefined) return answered(statusAnswer(CommonStatus.MaximumDevicesReached, command, version));
  if (!command.beforeProvisioning) {
    const required = await surroundings.requiredProvisioning(context, command);
    if (required !== undefined) return answered(provisioningAnswer(required, request, context.policyKey));
  }
  const read = await readCommandBody(exchange, command, version, mediaType, surroundings.limits);
  if (read.kind === 'answer') return answered(read.answer);
  exchange.release();
  const { body } = read;
  if (body.kind === 'document') request.wholeHierarchy = asksWholeHierarchy(body.root);
  return { kind: 'ready', request, context, body };
}

/** What of the request line is wrong, as a common status. */
function faultOf(user: User, query: RequestQuery, { command, version }: CommandRequest): number | undefined {
  if (!user.activeSyncEnabled) return CommonStatus.UserDisabledForSync;
  const { since = version, until = version } = command;
  if (version < since || version > until) return CommonStatus.VersionNotSupported;
  if (!isDeviceId(query.deviceId)) return CommonStatus.DeviceIdMissingOrInvalid;
  return isDeviceType(query.deviceType) ? undefined : CommonStatus.DeviceTypeMissingOrInvalid;
}

/** undefined when the user has too many devices. */
async function contextOf(
  exchange: Exchange,
  user: User,
  query: RequestQuery,
  request: CommandRequest,
  { services, limits, cancellation, logger }: RequestSurroundings,
): Promise<CommandContext | undefined> {
  const { deviceId, deviceType, parameters } = query;
  const { command, version } = request;
  const { headers } = exchange.request;
  const claim = { deviceId, deviceType, userAgent: userAgentOf(headers), version };
  const now = services.now();
  const device = await partnershipOf(services.store.devices, user, claim, limits.devicesPerUser, now);
  if (device === undefined) return undefined;
  const change = seenChange(device, claim, now);
  if (change !== undefined) request.seen = { device: device.id, change };
  const sentKey = policyKeyOf(query.policyKey, headers);
  // Android's Ping carries no key: it counts as the one that the device has.
  const policyKey = sentKey ?? (command.name === 'Ping' ? device.policyKey : undefined);
  const multiPart = acceptsMultiPart(headers) ? { ...parameters, acceptMultiPart: true } : parameters;
  const { response, id } = exchange;
  const parts = { version, user, device, query: multiPart, policyKey };
  return new RequestContext(parts, services, { response, cancellation, logger, id });
}

function provisioningAnswer(required: number, { command, version }: CommandRequest, key: number | undefined): Answer {
  // A device without a key cannot be wiped by Provision (R7561).
  const cannotWipe = required === CommonStatus.RemoteWipeRequested && version < 14 && key === undefined;
  return cannotWipe ? { kind: 'http', status: 403 } : statusAnswer(required, command, version);
}

function asksWholeHierarchy(root: Element): boolean {
  const key = root.tag === FolderHierarchy.FolderSync && Array.isArray(root.content) ? root.content[0] : undefined;
  return key?.tag === FolderHierarchy.SyncKey && key.content === '0';
}
