// All code pages, in the order of their numbers.
import type { CodePage } from '../tag.ts';
import { AirNotifyPage } from './air-notify.ts';
import { AirSyncPage } from './air-sync.ts';
import { AirSyncBasePage } from './air-sync-base.ts';
import { CalendarPage } from './calendar.ts';
import { ComposeMailPage } from './compose-mail.ts';
import { ContactsPage } from './contacts.ts';
import { Contacts2Page } from './contacts2.ts';
import { DocumentLibraryPage } from './document-library.ts';
import { EmailPage } from './email.ts';
import { Email2Page } from './email2.ts';
import { FindPage } from './find.ts';
import { FolderHierarchyPage } from './folder-hierarchy.ts';
import { GALPage } from './gal.ts';
import { GetItemEstimatePage } from './get-item-estimate.ts';
import { ItemOperationsPage } from './item-operations.ts';
import { MeetingResponsePage } from './meeting-response.ts';
import { MovePage } from './move.ts';
import { NotesPage } from './notes.ts';
import { PingPage } from './ping.ts';
import { ProvisionPage } from './provision.ts';
import { ResolveRecipientsPage } from './resolve-recipients.ts';
import { RightsManagementPage } from './rights-management.ts';
import { SearchPage } from './search.ts';
import { SettingsPage } from './settings.ts';
import { TasksPage } from './tasks.ts';
import { ValidateCertPage } from './validate-cert.ts';

export { AirNotify } from './air-notify.ts';
export { AirSync } from './air-sync.ts';
export { AirSyncBase } from './air-sync-base.ts';
export { Calendar } from './calendar.ts';
export { ComposeMail } from './compose-mail.ts';
export { Contacts } from './contacts.ts';
export { Contacts2 } from './contacts2.ts';
export { DocumentLibrary } from './document-library.ts';
export { Email } from './email.ts';
export { Email2 } from './email2.ts';
export { Find } from './find.ts';
export { FolderHierarchy } from './folder-hierarchy.ts';
export { GAL } from './gal.ts';
export { GetItemEstimate } from './get-item-estimate.ts';
export { ItemOperations } from './item-operations.ts';
export { MeetingResponse } from './meeting-response.ts';
export { Move } from './move.ts';
export { Notes } from './notes.ts';
export { Ping } from './ping.ts';
export { Provision } from './provision.ts';
export { ResolveRecipients } from './resolve-recipients.ts';
export { RightsManagement } from './rights-management.ts';
export { Search } from './search.ts';
export { Settings } from './settings.ts';
export { Tasks } from './tasks.ts';
export { ValidateCert } from './validate-cert.ts';

/** The code pages by number: index 0 is AirSync, index 25 Find. */
export const codePages: readonly CodePage[] = [
  AirSyncPage,
  ContactsPage,
  EmailPage,
  AirNotifyPage,
  CalendarPage,
  MovePage,
  GetItemEstimatePage,
  FolderHierarchyPage,
  MeetingResponsePage,
  TasksPage,
  ResolveRecipientsPage,
  ValidateCertPage,
  Contacts2Page,
  PingPage,
  ProvisionPage,
  SearchPage,
  GALPage,
  AirSyncBasePage,
  SettingsPage,
  DocumentLibraryPage,
  ItemOperationsPage,
  ComposeMailPage,
  Email2Page,
  NotesPage,
  RightsManagementPage,
  FindPage,
];
