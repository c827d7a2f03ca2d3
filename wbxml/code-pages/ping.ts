// Code page 13: Ping (MS-ASWBXML section 2.1.2.1.14, Code Page 13: Ping).
import { codePage } from '../tag.ts';

export const PingPage = codePage(13, 'Ping', 'ping', {
  Ping: 0x05,
  Status: 0x07,
  HeartbeatInterval: 0x08,
  Folders: 0x09,
  Folder: 0x0a,
  Id: 0x0b,
  Class: 0x0c,
  MaxFolders: 0x0d,
});
export const Ping = PingPage.tags;
