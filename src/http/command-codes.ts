// Command codes of a base64 query (MS-ASHTTP section 2.2.1.1.1.1.2, Command Codes).

/** Names by code; 5 to 8 are commands of protocol version 2.5, which nobody has any more. */
export const commandCodes: readonly string[] = [
  'Sync',
  'SendMail',
  'SmartForward',
  'SmartReply',
  'GetAttachment',
  'GetHierarchy',
  'CreateCollection',
  'DeleteCollection',
  'MoveCollection',
  'FolderSync',
  'FolderCreate',
  'FolderDelete',
  'FolderUpdate',
  'MoveItems',
  'GetItemEstimate',
  'MeetingResponse',
  'Search',
  'Settings',
  'Ping',
  'ItemOperations',
  'Provision',
  'ResolveRecipients',
  'ValidateCert',
  'Find',
];
