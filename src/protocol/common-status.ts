// Status values that mean the same in every command (MS-ASCMD section 2.2.2, Common Status Codes), and the HTTP status
// that stands for each up to protocol version 12.1, which knows none of them.
import type { ProtocolVersion } from './version.ts';

interface Definition {
  readonly value: number;
  /** The first version that knows it; 14.0 unless said. */
  readonly since?: ProtocolVersion;
  /**
   * The HTTP status up to 12.1. The table of the specification gives it for 101-103, 106, 110-113, 125, 126, 132, 137, 138,
   * 140-144 and 147; the others follow its pattern: 400 the request is wrong, 403 not allowed, 500 it failed, 503 come back.
   */
  readonly http: number;
  /** Commands for which it is another one. */
  readonly httpOf?: Readonly<Record<string, number>>;
}

const definitions = {
  InvalidContent: { value: 101, http: 400 },
  InvalidWBXML: { value: 102, http: 400 },
  InvalidXML: { value: 103, http: 400 },
  InvalidDateTime: { value: 104, http: 400 },
  InvalidCombinationOfIDs: { value: 105, http: 400 },
  InvalidIDs: { value: 106, http: 400, httpOf: { SendMail: 500 } },
  InvalidMIME: { value: 107, http: 400 },
  DeviceIdMissingOrInvalid: { value: 108, http: 400 },
  DeviceTypeMissingOrInvalid: { value: 109, http: 400 },
  ServerError: { value: 110, http: 500 },
  ServerErrorRetryLater: { value: 111, http: 503 },
  ActiveDirectoryAccessDenied: { value: 112, http: 403 },
  MailboxQuotaExceeded: { value: 113, http: 507 },
  MailboxServerOffline: { value: 114, http: 503 },
  SendQuotaExceeded: { value: 115, http: 403 },
  MessageRecipientUnresolved: { value: 116, http: 400 },
  MessageReplyNotAllowed: { value: 117, http: 403 },
  MessagePreviouslySent: { value: 118, http: 400 },
  MessageHasNoRecipient: { value: 119, http: 400 },
  MailSubmissionFailed: { value: 120, http: 500 },
  MessageReplyFailed: { value: 121, http: 500 },
  AttachmentIsTooLarge: { value: 122, http: 413 },
  UserHasNoMailbox: { value: 123, http: 403 },
  UserCannotBeAnonymous: { value: 124, http: 401 },
  UserPrincipalCouldNotBeFound: { value: 125, http: 403 },
  UserDisabledForSync: { value: 126, http: 403 },
  UserOnNewMailboxCannotSync: { value: 127, http: 403 },
  UserOnLegacyMailboxCannotSync: { value: 128, http: 403 },
  DeviceIsBlockedForThisUser: { value: 129, http: 403 },
  AccessDenied: { value: 130, http: 403 },
  AccountDisabled: { value: 131, http: 403 },
  SyncStateNotFound: { value: 132, http: 403, httpOf: { Provision: 500 } },
  SyncStateLocked: { value: 133, http: 503 },
  SyncStateCorrupt: { value: 134, http: 500 },
  SyncStateAlreadyExists: { value: 135, http: 500 },
  SyncStateVersionInvalid: { value: 136, http: 500 },
  CommandNotSupported: { value: 137, http: 501 },
  VersionNotSupported: { value: 138, http: 400 },
  DeviceNotFullyProvisionable: { value: 139, http: 403 },
  RemoteWipeRequested: { value: 140, http: 449 },
  LegacyDeviceOnStrictPolicy: { value: 141, http: 449 },
  DeviceNotProvisioned: { value: 142, http: 449 },
  PolicyRefresh: { value: 143, http: 449 },
  InvalidPolicyKey: { value: 144, http: 449 },
  ExternallyManagedDevicesNotAllowed: { value: 145, http: 403 },
  NoRecurrenceInCalendar: { value: 146, http: 400 },
  UnexpectedItemClass: { value: 147, http: 400 },
  RemoteServerHasNoSSL: { value: 148, http: 403 },
  InvalidStoredRequest: { value: 149, http: 400 },
  ItemNotFound: { value: 150, http: 500 },
  TooManyFolders: { value: 151, http: 403 },
  NoFoldersFound: { value: 152, http: 500 },
  ItemsLostAfterMove: { value: 153, http: 500 },
  FailureInMoveOperation: { value: 154, http: 500 },
  MoveCommandDisallowedForNonPersistentMoveAction: { value: 155, http: 400 },
  MoveCommandInvalidDestinationFolder: { value: 156, http: 400 },
  AvailabilityTooManyRecipients: { value: 160, http: 400 },
  AvailabilityDLLimitReached: { value: 161, http: 400 },
  AvailabilityTransientFailure: { value: 162, http: 503 },
  AvailabilityFailure: { value: 163, http: 500 },
  BodyPartPreferenceTypeNotSupported: { value: 164, since: 14.1, http: 400 },
  DeviceInformationRequired: { value: 165, since: 14.1, http: 400 },
  InvalidAccountId: { value: 166, since: 14.1, http: 400 },
  AccountSendDisabled: { value: 167, since: 14.1, http: 403 },
  IRM_FeatureDisabled: { value: 168, since: 14.1, http: 403 },
  IRM_TransientError: { value: 169, since: 14.1, http: 503 },
  IRM_PermanentError: { value: 170, since: 14.1, http: 500 },
  IRM_InvalidTemplateID: { value: 171, since: 14.1, http: 400 },
  IRM_OperationNotPermitted: { value: 172, since: 14.1, http: 403 },
  NoPicture: { value: 173, since: 14.1, http: 400 },
  PictureTooLarge: { value: 174, since: 14.1, http: 403 },
  PictureLimitReached: { value: 175, since: 14.1, http: 403 },
  BodyPart_ConversationTooLarge: { value: 176, since: 14.1, http: 403 },
  MaximumDevicesReached: { value: 177, http: 403 },
  InvalidMimeBodyCombination: { value: 178, since: 16, http: 400 },
  InvalidSmartForwardParameters: { value: 179, since: 16, http: 400 },
  InvalidRecipients: { value: 183, since: 16, http: 400 },
  OneOrMoreExceptionsFailed: { value: 184, since: 16, http: 500 },
} as const satisfies Readonly<Record<string, Definition>>;

/** The name of a common status. */
export type CommonStatusName = keyof typeof definitions;

/** Values by name, for example `CommonStatus.InvalidWBXML`, which is 102. */
export const CommonStatus = Object.fromEntries(
  Object.entries(definitions).map(([name, { value }]) => [name, value]),
) as { readonly [N in CommonStatusName]: (typeof definitions)[N]['value'] };

const byValue = new Map<number, Definition & { readonly name: CommonStatusName }>(
  Object.entries(definitions).map(([name, definition]) => [
    definition.value,
    { ...definition, name: name as CommonStatusName },
  ]),
);

/** Every common status, ascending. */
export const commonStatusValues: readonly number[] = [...byValue.keys()];

/** Statuses below belong to their command and stand in its document at every version. */
export const firstCommonStatus = 101;

/** The name of a value; undefined when it is none of the table. */
export function commonStatusName(value: number): CommonStatusName | undefined {
  return byValue.get(value)?.name;
}

/** Whether a Status element may carry the value at this version; HTTP says it otherwise. */
export function statusKnownAt(value: number, version: ProtocolVersion): boolean {
  return value < firstCommonStatus || version >= (byValue.get(value)?.since ?? 14);
}

/** The HTTP status that stands for a status in the answer to a command: 500 for a value that no table has. */
export function httpStatusOf(value: number, command: string): number {
  const definition = byValue.get(value);
  return definition?.httpOf?.[command] ?? definition?.http ?? 500;
}
