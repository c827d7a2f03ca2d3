// The world of a run of the model test: one user, several devices, one server, and what is known of the mail in the mailbox.
import {
  EasStatusError,
  type FolderProperties,
  isMailFolder,
  Phone,
  type PhoneOptions,
  type Properties,
  type SyncOptions,
  textProperty,
} from '../../src/client/index.ts';
import type { Fate } from './actions.ts';
import { firstMail, type ModelServer } from './model-server.ts';

/** A device or the server did what it must not. */
export class ModelFailure extends Error {
  override name = 'ModelFailure';
}

type DeviceKind = Required<Pick<PhoneOptions, 'version' | 'windowSize' | 'deviceType' | 'renamesMovedItems'>>;

const deviceKinds: readonly DeviceKind[] = [
  { version: '14.1', windowSize: 3, deviceType: 'iPhone', renamesMovedItems: false },
  { version: '12.1', windowSize: 100, deviceType: 'SAMSUNGGTI9100', renamesMovedItems: false },
  { version: '16.1', windowSize: 7, deviceType: 'WindowsOutlook15', renamesMovedItems: true },
];

/** Statuses of a collection whose folder is gone. */
const folderIsGone = new Set([8, 12]);

export function subjectOf(properties: Properties): string {
  return textProperty(properties, 'Email:Subject') ?? '';
}

export function optionsFor(filterType: number): SyncOptions {
  return { filterType, bodyPreferences: [{ type: 1 }] };
}

/** The folders of a phone that hold mail, in an order that every phone has. */
export function mailFolders(phone: Phone): readonly FolderProperties[] {
  return [...phone.folders.values()]
    .filter(({ type }) => isMailFolder(type))
    .sort((a, b) => Number(a.serverId) - Number(b.serverId));
}

export class World {
  readonly server: ModelServer;
  readonly user: string;
  readonly devices: readonly Phone[];
  /** Subjects of mail that the server acknowledged, and in how many places each may be. */
  readonly accepted = new Map<string, number>();
  /** Subjects of mail that a device may have deleted for good. */
  readonly expendable = new Set<string>();
  #subjects = 0;
  #fresh = 0;

  constructor(server: ModelServer, user: string) {
    this.server = server;
    this.user = user;
    this.devices = deviceKinds.map((kind, index) => this.#phone(`MODEL${index}`, kind));
    for (const phone of this.devices) phone.syncOptions = optionsFor(0);
    for (const { subject } of firstMail(user)) this.accepted.set(subject, 1);
  }

  #phone(deviceId: string, kind: DeviceKind): Phone {
    const { url, password } = this.server;
    return new Phone({ url, user: this.user, password, deviceId, timeout: 20_000, ...kind });
  }

  /** A phone that knows nothing, with the version and options of another. Close it. */
  freshLike(phone: Phone): Phone {
    const { version } = phone.client;
    const kind = { version, windowSize: 100, deviceType: 'Fresh', renamesMovedItems: false };
    const fresh = this.#phone(`FRESH${this.#fresh++}`, kind);
    fresh.syncOptions = phone.syncOptions;
    return fresh;
  }

  close(): void {
    for (const device of this.devices) device.close();
  }

  get address(): string {
    return `${this.user}@${this.server.domain}`;
  }

  nextSubject(): string {
    this.#subjects++;
    return `${this.user} ${this.#subjects}`;
  }

  /** The device, set up when it is its first time. */
  async ready(index: number): Promise<Phone> {
    const phone = this.devices[index % this.devices.length]!;
    if (phone.folderSyncKey === '0') await phone.setUp();
    return phone;
  }

  folder(phone: Phone, index: number): FolderProperties {
    const folders = mailFolders(phone);
    return folders[index % folders.length]!;
  }

  /** The ServerId of an item that the phone holds in a folder; undefined when it holds none. */
  item(phone: Phone, folder: FolderProperties, index: number): string | undefined {
    const ids = [...phone.replica(folder.serverId).items.keys()].sort();
    return ids[index % ids.length];
  }

  /** Sends a request and gives its answer; undefined when the answer is lost and the device does not repeat the request. */
  async request<T>(
    { fate, delay }: { readonly fate: Fate; readonly delay: number },
    send: () => Promise<T>,
  ): Promise<T | undefined> {
    switch (fate) {
      case 'answered':
        return send();
      case 'lost':
        await send();
        return undefined;
      case 'repeated':
        await send();
        return send();
      default: {
        const answer = await this.server.killDuring(send, delay);
        return answer === undefined && fate === 'killed-and-repeated' ? send() : answer;
      }
    }
  }

  /** Runs `work`, which may find that another device deleted the folder. */
  async minding(phone: Phone, folder: FolderProperties, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof EasStatusError) || !folderIsGone.has(error.status)) throw error;
      await phone.syncFolders();
      if (phone.folders.has(folder.serverId)) {
        throw new ModelFailure(`Status ${error.status} for folder ${folder.serverId}, which exists`);
      }
    }
  }
}
