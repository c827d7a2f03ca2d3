// The settings of a device policy, one line each (MS-ASPROV section 2.2.2.28, EASProvisionDoc). The order is that of the document.
import { Provision as Page, type Tag } from '../../wbxml/index.ts';
import {
  type Field,
  type Fields,
  type Infer,
  type Leaf,
  many,
  optional,
  struct,
  type Type,
} from '../protocol/schema.ts';
import { flag, integer, text } from '../protocol/values.ts';
import type { ProtocolVersion } from '../protocol/version.ts';

/** A setting: its element, its value type, what Exchange's policy without restrictions says, and the versions that have it. */
interface Setting<T extends Type, Default> {
  readonly field: Field<T, 'optional'>;
  /** Undefined: the element is left out unless an administrator sets it. */
  readonly value: Default;
}

/** Stands for "no limit": an empty element. */
export const unlimited = 'unlimited';
type Limit = number | typeof unlimited;

const boolean = flag;

/** A number, or nothing for no limit (MS-ASPROV sections 2.2.3.2, unsignedByteOrEmpty, and 2.2.3.3, unsignedIntOrEmpty). */
function limit(max: number): Leaf<Limit> {
  const number = integer({ max });
  return {
    kind: 'leaf',
    read: (content) => (content === undefined || content === '' ? unlimited : number.read(content)),
    write: (value) => (value === unlimited ? undefined : number.write(value)),
  };
}

const byteOrEmpty = limit(255);
const intOrEmpty = limit(4294967295);
const byte = integer({ max: 255 });
const int = integer({ max: 4294967295 });
const size = integer({ min: -1 });
const applications = struct({ names: many(Page.ApplicationName, text({ max: 1024 }), { max: 1000 }) });
const hashes = struct({ hashes: many(Page.Hash, text({ max: 1024 }), { max: 1000 }) });

function setting<T extends Type, Default extends Infer<T> | undefined>(
  tag: Tag,
  type: T,
  value: Default,
  versions: { readonly since?: ProtocolVersion; readonly until?: ProtocolVersion } = {},
): Setting<T, Default> {
  return { field: optional(tag, type, versions), value };
}

// The two algorithms are left out: an old device could take their 0 for an order to use 3DES and SHA-1.
const settings = {
  devicePasswordEnabled: setting(Page.DevicePasswordEnabled, boolean, false),
  alphanumericDevicePasswordRequired: setting(Page.AlphanumericDevicePasswordRequired, boolean, false),
  passwordRecoveryEnabled: setting(Page.PasswordRecoveryEnabled, boolean, false),
  requireStorageCardEncryption: setting(Page.RequireStorageCardEncryption, boolean, false),
  attachmentsEnabled: setting(Page.AttachmentsEnabled, boolean, true),
  minDevicePasswordLength: setting(Page.MinDevicePasswordLength, byteOrEmpty, unlimited),
  maxInactivityTimeDeviceLock: setting(Page.MaxInactivityTimeDeviceLock, intOrEmpty, unlimited),
  maxDevicePasswordFailedAttempts: setting(Page.MaxDevicePasswordFailedAttempts, byteOrEmpty, unlimited),
  maxAttachmentSize: setting(Page.MaxAttachmentSize, intOrEmpty, unlimited),
  allowSimpleDevicePassword: setting(Page.AllowSimpleDevicePassword, boolean, true),
  devicePasswordExpiration: setting(Page.DevicePasswordExpiration, intOrEmpty, unlimited),
  devicePasswordHistory: setting(Page.DevicePasswordHistory, int, 0),
  allowStorageCard: setting(Page.AllowStorageCard, boolean, true),
  allowCamera: setting(Page.AllowCamera, boolean, true),
  requireDeviceEncryption: setting(Page.RequireDeviceEncryption, boolean, false),
  allowUnsignedApplications: setting(Page.AllowUnsignedApplications, boolean, true),
  allowUnsignedInstallationPackages: setting(Page.AllowUnsignedInstallationPackages, boolean, true),
  minDevicePasswordComplexCharacters: setting(Page.MinDevicePasswordComplexCharacters, byte, 1),
  allowWiFi: setting(Page.AllowWiFi, boolean, true),
  allowTextMessaging: setting(Page.AllowTextMessaging, boolean, true),
  allowPOPIMAPEmail: setting(Page.AllowPOPIMAPEmail, boolean, true),
  allowBluetooth: setting(Page.AllowBluetooth, integer({ max: 2 }), 2),
  allowIrDA: setting(Page.AllowIrDA, boolean, true),
  requireManualSyncWhenRoaming: setting(Page.RequireManualSyncWhenRoaming, boolean, false),
  allowDesktopSync: setting(Page.AllowDesktopSync, boolean, true),
  maxCalendarAgeFilter: setting(Page.MaxCalendarAgeFilter, int, 0),
  allowHTMLEmail: setting(Page.AllowHTMLEmail, boolean, true),
  maxEmailAgeFilter: setting(Page.MaxEmailAgeFilter, int, 0),
  maxEmailBodyTruncationSize: setting(Page.MaxEmailBodyTruncationSize, size, -1),
  maxEmailHTMLBodyTruncationSize: setting(Page.MaxEmailHTMLBodyTruncationSize, size, -1),
  requireSignedSMIMEMessages: setting(Page.RequireSignedSMIMEMessages, boolean, false),
  requireEncryptedSMIMEMessages: setting(Page.RequireEncryptedSMIMEMessages, boolean, false),
  requireSignedSMIMEAlgorithm: setting(Page.RequireSignedSMIMEAlgorithm, integer({ max: 1 }), undefined),
  requireEncryptionSMIMEAlgorithm: setting(Page.RequireEncryptionSMIMEAlgorithm, integer({ max: 4 }), undefined),
  allowSMIMEEncryptionAlgorithmNegotiation: setting(
    Page.AllowSMIMEEncryptionAlgorithmNegotiation,
    integer({ max: 2 }),
    2,
  ),
  allowSMIMESoftCerts: setting(Page.AllowSMIMESoftCerts, boolean, true),
  allowBrowser: setting(Page.AllowBrowser, boolean, true),
  allowConsumerEmail: setting(Page.AllowConsumerEmail, boolean, true),
  allowRemoteDesktop: setting(Page.AllowRemoteDesktop, boolean, true),
  allowInternetSharing: setting(Page.AllowInternetSharing, boolean, true),
  unapprovedInROMApplicationList: setting(Page.UnapprovedInROMApplicationList, applications, { names: [] }),
  approvedApplicationList: setting(Page.ApprovedApplicationList, hashes, { hashes: [] }),
} as const;

type Settings = typeof settings;

function pick<Part extends 'field' | 'value'>(part: Part): { readonly [N in keyof Settings]: Settings[N][Part] } {
  return Object.fromEntries(Object.entries(settings).map(([name, one]) => [name, one[part]])) as {
    readonly [N in keyof Settings]: Settings[N][Part];
  };
}

const fields = pick('field') satisfies Fields;

/** The EASProvisionDoc element. */
export const policyDocument = struct(fields);

/** A policy: the settings that it makes, by name. */
export type Policy = Infer<typeof policyDocument>;

/** What applies when nobody set up a policy: no restrictions. */
export const defaultPolicy: Policy = pick('value');
