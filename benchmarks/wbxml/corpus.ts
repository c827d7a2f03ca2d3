// The documents to measure with: those beside the project when present, else made here in like shapes; and large bodies.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import {
  AirSync,
  AirSyncBase,
  Calendar,
  Contacts,
  type Content,
  decode,
  Element,
  Email,
  encode,
  FolderHierarchy,
  GAL,
  ItemOperations,
  Ping,
  Search,
  type Tag,
} from '../../wbxml/index.ts';

/** A document in every form that is measured. */
export interface BenchmarkDocument {
  readonly name: string;
  readonly wbxml: Buffer;
  readonly element: Element;
  /** The same content as plain objects: `{page, tag, children}`, opaque values as base64. */
  readonly json: unknown;
  readonly jsonBytes: Buffer;
}

const sharedCorpus = new URL('../../../shared/wbxml/bench/', import.meta.url);

/** Phone and server documents, 14 bytes to 635 kB; says where they come from. */
export function readCorpus(): { readonly source: string; readonly documents: BenchmarkDocument[] } {
  if (!existsSync(sharedCorpus)) return { source: 'made here (shared corpus not found)', documents: makeCorpus() };
  const files = readdirSync(sharedCorpus).filter((file) => file.endsWith('.wbxml'));
  const documents = files.map((file) =>
    documentOf(file.replace('.wbxml', ''), decode(readFileSync(new URL(file, sharedCorpus)))),
  );
  return { source: 'shared corpus', documents };
}

/** A message of 5 MB in an ItemOperations response, once as text and once as opaque data. */
export function largeBodies(): BenchmarkDocument[] {
  const line = 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\r\n';
  const message = Buffer.alloc(5 * 1024 * 1024, line);
  const response = (body: Content): Element =>
    node(ItemOperations.ItemOperations, [
      node(ItemOperations.Status, '1'),
      node(ItemOperations.Response, [
        node(ItemOperations.Fetch, [
          node(ItemOperations.Status, '1'),
          node(AirSync.CollectionId, '5'),
          node(AirSync.ServerId, '5:1'),
          node(ItemOperations.Properties, [
            node(AirSyncBase.Body, [node(AirSyncBase.Type, '4'), node(AirSyncBase.Data, body)]),
          ]),
        ]),
      ]),
    ]);
  return [
    documentOf('mime5m-text', response(message.toString('latin1'))),
    documentOf('mime5m-opaque', response(message)),
  ];
}

function documentOf(name: string, element: Element): BenchmarkDocument {
  const json = toJson(element);
  return { name, wbxml: encode(element), element, json, jsonBytes: Buffer.from(JSON.stringify(json)) };
}

function toJson({ tag, content }: Element): unknown {
  const named = { page: tag.page, tag: tag.name };
  if (content === undefined) return named;
  if (typeof content === 'string') return { ...named, children: [content] };
  if (Array.isArray(content)) return { ...named, children: content.map(toJson) };
  return { ...named, children: [{ opaque: content.toString('base64') }] };
}

const node = (tag: Tag, content?: Content): Element => new Element(tag, content);
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

function makeCorpus(): BenchmarkDocument[] {
  const words = 'The minutes of the meeting are attached; please read them before Thursday. ';
  const korean = '회의록을 첨부했습니다. 목요일 전에 읽어 주세요. Grüße aus München 😀 ';
  const photo = Buffer.alloc(12_000, 'photo').toString('base64');
  return [
    documentOf('foldersync-req', node(FolderHierarchy.FolderSync, [node(FolderHierarchy.SyncKey, '0')])),
    documentOf('ping-res', node(Ping.Ping, [node(Ping.Status, '2'), node(Ping.Folders, [node(Ping.Folder, '5')])])),
    documentOf('ping-req', pingRequest()),
    documentOf('sync-req', sync([node(AirSync.GetChanges), node(AirSync.WindowSize, '100')])),
    documentOf('foldersync40', folders()),
    documentOf(
      'sync512small',
      additions(512, () => [node(Email.Read, '1')]),
    ),
    documentOf('search100gal', search()),
    documentOf('calendar50', additions(50, event)),
    documentOf(
      'contacts30photo',
      additions(30, (index) => [...contact(index), node(Contacts.Picture, photo)]),
    ),
    documentOf(
      'sync100mail4k',
      additions(100, (index) => mail(index, words.repeat(55))),
    ),
    documentOf(
      'sync100mail4k-utf8',
      additions(100, (index) => mail(index, korean.repeat(50))),
    ),
  ];
}

function sync(inCollection: Element[]): Element {
  const collection = [node(AirSync.SyncKey, '566322649'), node(AirSync.CollectionId, '5'), ...inCollection];
  return node(AirSync.Sync, [node(AirSync.Collections, [node(AirSync.Collection, collection)])]);
}

function additions(count: number, properties: (index: number) => Element[]): Element {
  const additions = times(count, (index) =>
    node(AirSync.Add, [node(AirSync.ServerId, `5:${index}`), node(AirSync.ApplicationData, properties(index))]),
  );
  return sync([node(AirSync.Status, '1'), node(AirSync.Commands, additions)]);
}

function pingRequest(): Element {
  const folder = (index: number): Element =>
    node(Ping.Folder, [node(Ping.Id, `${index}`), node(Ping.Class, index % 2 === 0 ? 'Email' : 'Calendar')]);
  return node(Ping.Ping, [node(Ping.HeartbeatInterval, '900'), node(Ping.Folders, times(8, folder))]);
}

function folders(): Element {
  const folder = (index: number): Element =>
    node(FolderHierarchy.Add, [
      node(FolderHierarchy.ServerId, `${index}`),
      node(FolderHierarchy.ParentId, '0'),
      node(FolderHierarchy.DisplayName, `Projects and customers ${index}`),
      node(FolderHierarchy.Type, '12'),
    ]);
  return node(FolderHierarchy.FolderSync, [
    node(FolderHierarchy.Status, '1'),
    node(FolderHierarchy.SyncKey, '1'),
    node(FolderHierarchy.Changes, [node(FolderHierarchy.Count, '40'), ...times(40, folder)]),
  ]);
}

function search(): Element {
  const result = (index: number): Element =>
    node(Search.Result, [
      node(Search.Properties, [
        node(GAL.DisplayName, `Anna Bauer ${index}`),
        node(GAL.Phone, `+49 89 51960${index}`),
        node(GAL.Office, 'Building 3'),
        node(GAL.Title, 'Engineer'),
        node(GAL.Company, 'Example'),
        node(GAL.Alias, `anna${index}`),
        node(GAL.FirstName, 'Anna'),
        node(GAL.LastName, 'Bauer'),
        node(GAL.EmailAddress, `anna.bauer.${index}@example.net`),
      ]),
    ]);
  return node(Search.Search, [
    node(Search.Status, '1'),
    node(Search.Response, [node(Search.Store, times(100, result))]),
  ]);
}

function event(index: number): Element[] {
  const attendee = (number: number): Element =>
    node(Calendar.Attendee, [
      node(Calendar.Email, `guest${number}@example.net`),
      node(Calendar.Name, `Guest ${number}`),
      node(Calendar.AttendeeType, '1'),
    ]);
  return [
    node(Calendar.UID, `040000008200E00074C5B7101A82E008${index}`),
    node(Calendar.Subject, `Weekly meeting ${index}`),
    node(Calendar.StartTime, '20260105T090000Z'),
    node(Calendar.EndTime, '20260105T100000Z'),
    node(Calendar.BusyStatus, '2'),
    node(Calendar.Attendees, times(12, attendee)),
    node(AirSyncBase.Body, [node(AirSyncBase.Type, '1'), node(AirSyncBase.Data, 'Agenda follows. '.repeat(20))]),
  ];
}

function contact(index: number): Element[] {
  return [
    node(Contacts.FileAs, `Bauer, Anna ${index}`),
    node(Contacts.FirstName, 'Anna'),
    node(Contacts.LastName, 'Bauer'),
    node(Contacts.Email1Address, `"Anna Bauer" <anna.bauer.${index}@example.net>`),
    node(Contacts.MobilePhoneNumber, '+46 70 3159326'),
    node(Contacts.CompanyName, 'Example'),
  ];
}

function mail(index: number, text: string): Element[] {
  return [
    node(Email.To, '"Anna Bauer" <anna.bauer@example.net>'),
    node(Email.From, '"Jan Novák" <jan.novak@example.org>'),
    node(Email.Subject, `Minutes of the meeting ${index}`),
    node(Email.DateReceived, '2026-01-05T09:00:00.000Z'),
    node(Email.Importance, '1'),
    node(Email.Read, '0'),
    node(Email.MessageClass, 'IPM.Note'),
    node(Email.InternetCPID, '65001'),
    node(AirSyncBase.Body, [
      node(AirSyncBase.Type, '1'),
      node(AirSyncBase.EstimatedDataSize, `${text.length}`),
      node(AirSyncBase.Data, text),
    ]),
  ];
}
