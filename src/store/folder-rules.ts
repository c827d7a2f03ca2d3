// What holds of folders in every engine: the default ones (MS-ASCMD section 2.2.3.186.3, Type (FolderSync)), names, limits.

/** The most folders that a mailbox holds. */
export const maximumFolders = 10_000;

/** What a new mailbox starts with. Junk Email is of the type of folders that users make, for no type is reserved for it. */
export const defaultFolders: readonly { readonly name: string; readonly type: number }[] = [
  { name: 'Inbox', type: 2 },
  { name: 'Drafts', type: 3 },
  { name: 'Deleted Items', type: 4 },
  { name: 'Sent Items', type: 5 },
  { name: 'Outbox', type: 6 },
  { name: 'Tasks', type: 7 },
  { name: 'Calendar', type: 8 },
  { name: 'Contacts', type: 9 },
  { name: 'Notes', type: 10 },
  { name: 'Journal', type: 11 },
  { name: 'Junk Email', type: 12 },
];

/** True for the types of default folders, which may not be renamed, moved or deleted. */
export function isSpecialFolder(type: number): boolean {
  return type >= 2 && type <= 11;
}

/** Two sibling folders may not have the same key: names are compared without case and composition. */
export function folderNameKey(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
