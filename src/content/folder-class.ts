// Which class of items a folder holds, by its type (MS-ASCMD section 2.2.3.186.3, Type (FolderSync)).
import { ContentClass } from '../store/mailbox-store.ts';

/** Numbers of the Type element. */
export const FolderType = {
  Generic: 1,
  Inbox: 2,
  Drafts: 3,
  DeletedItems: 4,
  SentItems: 5,
  Outbox: 6,
  Tasks: 7,
  Calendar: 8,
  Contacts: 9,
  Notes: 10,
  Journal: 11,
  UserMail: 12,
  UserCalendar: 13,
  UserContacts: 14,
  UserTasks: 15,
  UserJournal: 16,
  UserNotes: 17,
} as const;

const classes: Readonly<Record<number, ContentClass>> = {
  [FolderType.Tasks]: ContentClass.Tasks,
  [FolderType.UserTasks]: ContentClass.Tasks,
  [FolderType.Calendar]: ContentClass.Calendar,
  [FolderType.UserCalendar]: ContentClass.Calendar,
  [FolderType.Contacts]: ContentClass.Contacts,
  [FolderType.UserContacts]: ContentClass.Contacts,
  [FolderType.Notes]: ContentClass.Notes,
  [FolderType.UserNotes]: ContentClass.Notes,
};

/** The class of a folder's items; mail for all types that name no other. */
export function contentClassOf(folderType: number): ContentClass {
  return classes[folderType] ?? ContentClass.Email;
}
