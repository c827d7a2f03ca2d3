// The client library: `import { EasClient, Phone } from 'easel/client'`.
export type { MailToSend } from './compose-mail.ts';
export type { ClientOptions, EasAnswer, SendOptions, WireExchange } from './connection.ts';
export { EasClient, type Offer } from './eas-client.ts';
export { AnswerTimeoutError, EasStatusError, HttpStatusError, MalformedAnswerError } from './errors.ts';
export type { FolderCommandAnswer, FolderProperties, FolderSyncAnswer } from './folders.ts';
export type { FetchReply, ItemFetch, ItemOperationsAnswer } from './item-operations.ts';
export type { EstimateReply, EstimateRequest, ItemMove, MoveReply } from './items.ts';
export { type CollectionSettings, isMailFolder, Phone, type PhoneOptions, type SyncReport } from './phone.ts';
export type { PingAnswer, PingRequest } from './ping.ts';
export {
  listProperty,
  type Properties,
  type PropertyValue,
  property,
  textProperty,
} from './properties.ts';
export { acknowledgePolicy, type DeviceDescription, type ProvisionAnswer, provisionRequest } from './provisioning.ts';
export { type Absorbed, Replica, ReplicaError } from './replica.ts';
export { type QueryParameters, type Version, versions } from './request-url.ts';
export type { SettingsAnswer, SettingsRequest } from './settings.ts';
export type { CommandReply, ServerCommand, SyncAnswer, SyncCollectionAnswer } from './sync-answer.ts';
export type { BodyPreference, SyncCollectionRequest, SyncCommand, SyncOptions, SyncRequest } from './sync-request.ts';
export { children, find, findAll, findNumber, findOctets, findText, leaf, maybe, node, textOf } from './tree.ts';
