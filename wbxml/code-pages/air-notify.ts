// Code page 3: AirNotify (MS-ASWBXML section 2.1.2.1.4, Code Page 3: AirNotify).
import { codePage } from '../tag.ts';

export const AirNotifyPage = codePage(3, 'AirNotify', 'airnotify', {});
export const AirNotify = AirNotifyPage.tags;
