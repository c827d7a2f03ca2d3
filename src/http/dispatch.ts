// From an authenticated POST to its answer (MS-ASHTTP section 3.2.5.1, Handling HTTP Requests). Each step goes on or answers.
import type { OutgoingHttpHeaders } from 'node:http';
import type { Logger } from 'pino';
import { type Element, FolderHierarchy } from '../../wbxml/index.ts';
import type { Command, CommandContext, CommandReply } from '../commands/command.ts';
import type { Services } from '../commands/services.ts';
import { CommonStatus } from '../protocol/common-status.ts';
import { formatVersion, type ProtocolVersion, protocolVersions } from '../protocol/version.ts';
import type { User } from '../store/directory-store.ts';
import { type Rendered, render, topStatus } from './answer.ts';
import { readCommandBody } from './command-body.ts';
import { type Answer, errorAnswer, statusAnswer } from './error-response.ts';
import type { Exchange } from './exchange.ts';
import { isDeviceId, isDeviceType, partnershipOf, seenChange } from './partnership.ts';
import { parseQuery, type RequestQuery } from './query.ts';
import { type Cancellation, RequestContext } from './request-context.ts';
import { acceptsMultiPart, mediaTypeOf, policyKeyOf, userAgentOf, versionOf } from './request-headers.ts';
import type { HttpLimits } from './settings.ts';

/**
 * Says which common status a device gets that must provision first (140 to 144), or undefined when it may go on. Asked before
 * every command that has not `beforeProvisioning`.
 */
export type ProvisioningGate = (
  context: CommandContext,
  command: Command,
) => number | undefined | Promise<number | undefined>;

export interface DispatchOptions {
  readonly commands: readonly Command[];
  readonly services: Services;
  readonly limits: HttpLimits;
  readonly requiredProvisioning: ProvisioningGate;
  readonly cancellation: Cancellation;
  readonly logger: Logger;
}

export interface Dispatched {
  /** Durable and encoded. */
  readonly rendered: Rendered;
  readonly headers?: OutgoingHttpHeaders | undefined;
  /** Keeps what the request said of its device, once the answer is out. */
  readonly after?: (() => Promise<void>) | undefined;
}

/** Answers one request of a user; `query` is the text after the question mark. */
export type Dispatch = (exchange: Exchange, user: User, query: string) => Promise<Dispatched>;

export const protocolVersionsHeader = protocolVersions.map(formatVersion).join(',');

/** One request for a command that exists, at a version that exists. */
interface CommandRequest {
  readonly exchange: Exchange;
  readonly user: User;
  readonly command: Command;
  readonly version: ProtocolVersion;
  readonly query: RequestQuery;
  readonly mediaType: string;
  after?: () => Promise<void>;
  /** The whole hierarchy is asked for. */
  firstFolderSync?: boolean;
}

/** Makes the dispatcher. Throws when two commands have one name. */
export function createDispatch(options: DispatchOptions): Dispatch {
  const byName = new Map(options.commands.map((command) => [command.name.toLowerCase(), command]));
  if (byName.size !== options.commands.length) throw new Error('two commands have the same name');
  const firstFolderSyncHeaders = {
    'X-MS-RP': protocolVersionsHeader,
    'MS-ASProtocolVersions': protocolVersionsHeader,
    'MS-ASProtocolCommands': options.commands.map((command) => command.name).join(','),
  };
  return async (exchange, user, text) => {
    const query = parseQuery(text);
    if (query.kind === 'malformed') return refuse(exchange, 400, query.reason);
    exchange.deviceId = isDeviceId(query.deviceId) ? query.deviceId : '';
    exchange.deviceType = isDeviceType(query.deviceType) ? query.deviceType : '';
    const command = byName.get(query.command.toLowerCase());
    if (command === undefined) return refuse(exchange, 501, 'no such command');
    exchange.command = command.name;
    const { headers } = exchange.request;
    const header = versionOf(query.version, headers);
    if (header.kind !== 'version') {
      return refuse(exchange, header.kind === 'ancient' ? 505 : 400, `the protocol version is ${header.kind}`);
    }
    const { version } = header;
    exchange.version = version;
    const request: CommandRequest = { exchange, user, command, version, query, mediaType: mediaTypeOf(headers) };
    const rendered = await finish(request, await answer(request, options), options);
    const ofFirst = request.firstFolderSync && rendered.status === 200 ? firstFolderSyncHeaders : undefined;
    return { rendered, headers: ofFirst, after: request.after };
  };
}

function refuse(exchange: Exchange, status: number, reason: string): Dispatched {
  exchange.reason = reason;
  return { rendered: render({ kind: 'http', status }, '') };
}

async function answer(request: CommandRequest, options: DispatchOptions): Promise<Answer> {
  const { exchange, user, command, version, query } = request;
  const { services, limits } = options;
  const fault = faultOf(request);
  if (fault !== undefined) return statusAnswer(fault, command, version);

  const { headers } = exchange.request;
  const claim = {
    deviceId: query.deviceId,
    deviceType: query.deviceType,
    userAgent: userAgentOf(headers),
    version,
  };
  const { devices } = services.store;
  const device = await partnershipOf(devices, user, claim, limits.devicesPerUser, services.now());
  if (device === undefined) return statusAnswer(CommonStatus.MaximumDevicesReached, command, version);
  const change = seenChange(device, claim, services.now());
  if (change !== undefined) request.after = () => devices.update(device.id, change);

  const sentKey = policyKeyOf(query.policyKey, headers);
  // Android's Ping carries no key: it counts as the one that the device has.
  const policyKey = sentKey ?? (command.name === 'Ping' ? device.policyKey : undefined);
  const multiPart = query.parameters.acceptMultiPart || acceptsMultiPart(headers);
  const parameters = multiPart ? { ...query.parameters, acceptMultiPart: true } : query.parameters;
  const context = new RequestContext({ version, user, device, query: parameters, policyKey }, services, {
    response: exchange.response,
    cancellation: options.cancellation,
    logger: options.logger,
    id: exchange.id,
  });
  try {
    if (!command.beforeProvisioning) {
      const required = await options.requiredProvisioning(context, command);
      if (required !== undefined) return provisioningAnswer(required, request, sentKey);
    }
    return await start(request, context, limits);
  } catch (error) {
    return answerError(error, request, options.logger);
  }
}

/** What of the request line is wrong, as a common status. */
function faultOf({ user, command, version, query }: CommandRequest): number | undefined {
  if (!user.activeSyncEnabled) return CommonStatus.UserDisabledForSync;
  const { since = version, until = version } = command;
  if (version < since || version > until) return CommonStatus.VersionNotSupported;
  if (!isDeviceId(query.deviceId)) return CommonStatus.DeviceIdMissingOrInvalid;
  return isDeviceType(query.deviceType) ? undefined : CommonStatus.DeviceTypeMissingOrInvalid;
}

function provisioningAnswer(required: number, { command, version }: CommandRequest, sentKey: number | undefined) {
  if (required === CommonStatus.RemoteWipeRequested && version < 14 && sentKey === undefined) {
    return { kind: 'http', status: 403 } as const; // R7561: a device without a key cannot be wiped by Provision.
  }
  return statusAnswer(required, command, version);
}

/** Hands the body over to the command and keeps no hold of it: the request may wait for an hour. */
async function start(request: CommandRequest, context: CommandContext, limits: HttpLimits): Promise<Answer> {
  const { exchange, command, version, mediaType } = request;
  const outcome = await readCommandBody(exchange, command, version, mediaType, limits);
  if (outcome.kind === 'answer') return outcome.answer;
  const { body } = outcome;
  if (body.kind === 'document') request.firstFolderSync = asksWholeHierarchy(body.root);
  return command.execute(context, body) as Promise<CommandReply>;
}

function asksWholeHierarchy(root: Element): boolean {
  const key = root.tag === FolderHierarchy.FolderSync && Array.isArray(root.content) ? root.content[0] : undefined;
  return key?.tag === FolderHierarchy.SyncKey && key.content === '0';
}

function answerError(error: unknown, { exchange, command, version }: CommandRequest, logger: Logger): Answer {
  const { answer, unexpected } = errorAnswer(error, command, version);
  if (unexpected) {
    logger.error(
      { err: error, requestId: exchange.id, user: exchange.user, command: command.name },
      'a command failed',
    );
  }
  return answer;
}

/** Encodes the answer and waits until what it tells of is on disk. Whatever fails then is answered in its place. */
async function finish(request: CommandRequest, answer: Answer, { services, logger }: DispatchOptions) {
  const { exchange, command, version, mediaType } = request;
  let rendered: Rendered;
  let final = answer;
  try {
    rendered = render(answer, mediaType);
    await services.store.durable();
  } catch (error) {
    logger.error(
      { err: error, requestId: exchange.id, user: exchange.user, command: command.name },
      'an answer failed',
    );
    final = statusAnswer(CommonStatus.ServerError, command, version);
    rendered = render(final, mediaType);
  }
  if (final.kind === 'document') exchange.status = topStatus(final.root);
  else if (final.kind === 'http') exchange.reason = final.reason;
  return rendered;
}
