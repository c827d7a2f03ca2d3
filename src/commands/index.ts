// The commands that Easel has. A command is one file and one line here.
import type { Command } from './command.ts';
import { folderCreate } from './folder-create.ts';
import { folderDelete } from './folder-delete.ts';
import { folderSync } from './folder-sync.ts';
import { folderUpdate } from './folder-update.ts';
import { getItemEstimate } from './get-item-estimate.ts';
import { itemOperations } from './item-operations.ts';
import { moveItems } from './move-items.ts';
import { ping } from './ping.ts';
import { provision } from './provision.ts';
import { sendMail } from './send-mail.ts';
import { settings } from './settings.ts';
import { sync } from './sync.ts';

/** All of them; what OPTIONS announces is made of this list. */
export const commands: readonly Command[] = [
  sync,
  sendMail,
  folderSync,
  folderCreate,
  folderDelete,
  folderUpdate,
  moveItems,
  getItemEstimate,
  itemOperations,
  settings,
  ping,
  provision,
];
