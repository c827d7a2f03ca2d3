// An ActiveSync client: one method a command (MS-ASCMD section 2.2.1, Commands). For harnesses and tests, and for whoever needs a device in software.
import type { Element } from '../../wbxml/index.ts';
import { type MailToSend, sendMailRequest } from './compose-mail.ts';
import {
  type ClientOptions,
  demandsProvisioning,
  type EasAnswer,
  EasConnection,
  type SendOptions,
} from './connection.ts';
import { EasStatusError, HttpStatusError, MalformedAnswerError } from './errors.ts';
import {
  type FolderCommandAnswer,
  type FolderSyncAnswer,
  folderCreateRequest,
  folderDeleteRequest,
  folderSyncRequest,
  folderUpdateRequest,
  readFolderCommand,
  readFolderSync,
} from './folders.ts';
import {
  emptyFolderRequest,
  type ItemFetch,
  type ItemOperationsAnswer,
  itemOperationsRequest,
  readItemOperations,
} from './item-operations.ts';
import {
  type EstimateReply,
  type EstimateRequest,
  type ItemMove,
  itemEstimateRequest,
  type MoveReply,
  moveItemsRequest,
  readItemEstimate,
  readMoveItems,
} from './items.ts';
import { type PingAnswer, type PingRequest, pingRequest, readPing } from './ping.ts';
import {
  acknowledgePolicy,
  type DeviceDescription,
  type ProvisionAnswer,
  provisionRequest,
  readProvision,
} from './provisioning.ts';
import { readSettings, type SettingsAnswer, type SettingsRequest, settingsRequest } from './settings.ts';
import { readSync, type SyncAnswer } from './sync-answer.ts';
import { type SyncRequest, syncRequest } from './sync-request.ts';
import { findNumber } from './tree.ts';

/** What the server offers (MS-ASHTTP section 2.2.3, HTTP OPTIONS Response). */
export interface Offer {
  readonly versions: readonly string[];
  readonly commands: readonly string[];
}

function list(header: string | string[] | undefined): string[] {
  return String(header ?? '')
    .split(',')
    .filter((each) => each !== '');
}

/**
 * A device. Methods give the server's Status in their answer and throw only for what is no answer to the command: HTTP errors, malformed
 * answers, broken connections. `send` gives raw access.
 */
export class EasClient extends EasConnection {
  readonly #provisions: boolean;
  readonly #device: DeviceDescription;

  /** `device` is what the client tells of itself when it provisions. */
  constructor(options: ClientOptions, device: DeviceDescription = { model: 'Easel Client', os: 'Node.js' }) {
    super(options);
    this.#provisions = options.provision ?? true;
    this.#device = device;
  }

  /** Sends a command; provisions and repeats it when the server demands so. Throws {@link HttpStatusError} unless the status is 200. */
  async request(command: string, body?: Element | Buffer, options: SendOptions = {}): Promise<EasAnswer> {
    let answer = await this.send(command, body, options);
    if (this.#provisions && command !== 'Provision' && demandsProvisioning(answer)) {
      await this.provision();
      answer = await this.send(command, body, options);
    }
    if (answer.status !== 200) throw new HttpStatusError(command, answer);
    return answer;
  }

  async #document(command: string, body?: Element, options?: SendOptions): Promise<EasAnswer & { root: Element }> {
    const answer = await this.request(command, body, options);
    const { root } = answer;
    if (root === undefined) throw new MalformedAnswerError(`${command} answered without a document`);
    if (root.tag.name !== command) throw new MalformedAnswerError(`${command} answered with ${root.tag.name}`);
    return { ...answer, root };
  }

  /** Asks what the server offers. */
  async offer(): Promise<Offer> {
    const answer = await this.options();
    if (answer.status !== 200) throw new HttpStatusError('OPTIONS', answer);
    return {
      versions: list(answer.headers['ms-asprotocolversions']),
      commands: list(answer.headers['ms-asprotocolcommands']),
    };
  }

  /** Fetches the policy and acknowledges it; keeps the key. Throws {@link EasStatusError} when either phase fails. */
  async provision(): Promise<ProvisionAnswer> {
    // The elements of the device are allowed here from 14.1 on; before, they go with Settings.
    const device = Number(this.version) >= 14.1 ? this.#device : undefined;
    this.policyKey = 0;
    const offered = await this.provisionPhase(provisionRequest(device));
    this.policyKey = offered.policyKey;
    const acknowledged = await this.provisionPhase(acknowledgePolicy(offered.policyKey, 1));
    this.policyKey = acknowledged.policyKey;
    return offered;
  }

  /** One phase of Provision, whatever its document. Throws {@link EasStatusError} unless it gives a policy key. */
  async provisionPhase(document: Element): Promise<ProvisionAnswer> {
    const answer = readProvision((await this.#document('Provision', document)).root);
    if (answer.status !== 1) throw new EasStatusError('Provision', answer.status, 'the command');
    if (answer.policyStatus !== 1) throw new EasStatusError('Provision', answer.policyStatus ?? 0, 'the policy');
    return answer;
  }

  async folderSync(syncKey: string): Promise<FolderSyncAnswer> {
    return readFolderSync((await this.#document('FolderSync', folderSyncRequest(syncKey))).root);
  }

  async folderCreate(
    syncKey: string,
    folder: { readonly parentId: string; readonly displayName: string; readonly type: number },
  ): Promise<FolderCommandAnswer> {
    return readFolderCommand((await this.#document('FolderCreate', folderCreateRequest(syncKey, folder))).root);
  }

  async folderUpdate(
    syncKey: string,
    folder: { readonly serverId: string; readonly parentId: string; readonly displayName: string },
  ): Promise<FolderCommandAnswer> {
    return readFolderCommand((await this.#document('FolderUpdate', folderUpdateRequest(syncKey, folder))).root);
  }

  async folderDelete(syncKey: string, serverId: string): Promise<FolderCommandAnswer> {
    return readFolderCommand((await this.#document('FolderDelete', folderDeleteRequest(syncKey, serverId))).root);
  }

  /** Undefined repeats the Sync before by an empty body. A held Sync is waited for as long as it asks. */
  async sync(request: SyncRequest | undefined, options: SendOptions = {}): Promise<SyncAnswer> {
    const held = (request?.wait ?? 0) * 60 + (request?.heartbeatInterval ?? 0);
    const body = request === undefined ? undefined : syncRequest(request);
    const answer = await this.request('Sync', body, { ...patience(held), ...options });
    return readSync(answer.root);
  }

  async getItemEstimate(collections: readonly EstimateRequest[]): Promise<readonly EstimateReply[]> {
    const document = itemEstimateRequest(collections, Number(this.version) < 14);
    return readItemEstimate((await this.#document('GetItemEstimate', document)).root);
  }

  /** Undefined repeats the Ping before by an empty body; say then how long it may take. */
  async ping(request: PingRequest | undefined, options: SendOptions = {}): Promise<PingAnswer> {
    const body = request === undefined ? undefined : pingRequest(request);
    const { root } = await this.#document('Ping', body, { ...patience(request?.heartbeatInterval ?? 0), ...options });
    return readPing(root);
  }

  async moveItems(moves: readonly ItemMove[]): Promise<readonly MoveReply[]> {
    return readMoveItems((await this.#document('MoveItems', moveItemsRequest(moves))).root);
  }

  /** Fetches items and attachments; `multipart` asks for their octets beside the document. */
  async fetch(fetches: readonly ItemFetch[], multipart = false): Promise<ItemOperationsAnswer> {
    const options = multipart ? { parameters: { AcceptMultiPart: true } } : {};
    const { root, parts } = await this.#document('ItemOperations', itemOperationsRequest(fetches), options);
    return readItemOperations(root, parts);
  }

  async emptyFolder(collectionId: string, deleteSubFolders = false): Promise<ItemOperationsAnswer> {
    const { root } = await this.#document('ItemOperations', emptyFolderRequest(collectionId, deleteSubFolders));
    return readItemOperations(root, []);
  }

  /** Sends a message: as a document from 14.0 on, as message/rfc822 before. Gives 1 for the empty answer that means success, else the Status. */
  async sendMail(mail: MailToSend): Promise<number> {
    const answer =
      Number(this.version) >= 14
        ? await this.request('SendMail', sendMailRequest(mail))
        : await this.request('SendMail', mail.mime, {
            contentType: 'message/rfc822',
            parameters: { SaveInSent: mail.saveInSentItems ?? false },
          });
    if (answer.root === undefined) return 1;
    const status = findNumber(answer.root, 'Status');
    if (status === undefined) throw new MalformedAnswerError('SendMail answered with neither nothing nor a Status');
    return status;
  }

  async settings(request: SettingsRequest): Promise<SettingsAnswer> {
    return readSettings((await this.#document('Settings', settingsRequest(request))).root);
  }

  /** Raw octets of an attachment and their content type; up to 14.0 (MS-ASCMD section 2.2.1.8, GetAttachment). */
  async getAttachment(attachmentName: string): Promise<{ readonly contentType: string; readonly octets: Buffer }> {
    const answer = await this.request('GetAttachment', undefined, { parameters: { AttachmentName: attachmentName } });
    return { contentType: String(answer.headers['content-type'] ?? ''), octets: answer.body };
  }
}

/** A held request's own time on top of the usual patience. `seconds` of 0 or less change nothing. */
function patience(seconds: number): SendOptions {
  return seconds <= 0 ? {} : { timeout: seconds * 1000 + 30_000 };
}
