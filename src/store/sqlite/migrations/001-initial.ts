// Migration 1: everything that mail needs.
//
// Ids of folders and items are unique in the whole database, so that an id from one mailbox finds nothing in another; an item
// belongs to a mailbox by its folder. `changed`, `created` and `deleted` are values of the mailbox's counter.

export const initial = `
CREATE TABLE identifiers (only INTEGER PRIMARY KEY CHECK (only = 1), next INTEGER NOT NULL) STRICT;
INSERT INTO identifiers VALUES (1, 1);

CREATE TABLE mailboxes (id INTEGER PRIMARY KEY AUTOINCREMENT, counter INTEGER NOT NULL) STRICT;

CREATE TABLE folders (
  id INTEGER PRIMARY KEY,
  mailbox INTEGER NOT NULL,
  parent INTEGER NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  type INTEGER NOT NULL,
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  changed_by INTEGER NOT NULL,
  UNIQUE (mailbox, parent, name_key)
) STRICT;
CREATE INDEX folders_by_change ON folders (mailbox, changed);
CREATE UNIQUE INDEX folders_special ON folders (mailbox, type) WHERE type BETWEEN 2 AND 11;

CREATE TABLE folder_tombstones (
  mailbox INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  folder INTEGER NOT NULL,
  created INTEGER NOT NULL,
  deleted_by INTEGER NOT NULL,
  PRIMARY KEY (mailbox, deleted)
) STRICT, WITHOUT ROWID;

-- Deleted folders whose items are still to be cleared away.
CREATE TABLE folder_purges (folder INTEGER PRIMARY KEY) STRICT;

-- uses: how many items and queued mails need the message; it goes with the last.
CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  uses INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  derived TEXT NOT NULL
) STRICT;
CREATE TABLE message_bodies (message INTEGER PRIMARY KEY, plain TEXT NOT NULL, html TEXT) STRICT;
-- Octets in pieces, so that a range is read without the rest; piece = message * 65536 + number of the piece.
CREATE TABLE message_octets (piece INTEGER PRIMARY KEY, octets BLOB NOT NULL) STRICT;

CREATE TABLE items (
  id INTEGER PRIMARY KEY,
  folder INTEGER NOT NULL,
  class TEXT NOT NULL,
  created INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  changed_by INTEGER NOT NULL,
  sort_date INTEGER NOT NULL,
  filter_date INTEGER NOT NULL,
  message INTEGER,
  properties TEXT NOT NULL
) STRICT;
CREATE INDEX items_by_change ON items (folder, changed, created);
CREATE INDEX items_by_creation ON items (folder, created, filter_date);
-- Mail has one date, and one index serves its filters and its order. Items whose two dates differ are indexed apart, by each.
CREATE INDEX items_by_date ON items (folder, sort_date, id, created, filter_date) WHERE filter_date = sort_date;
CREATE INDEX apart_by_sort_date ON items (folder, sort_date, id, created, filter_date) WHERE filter_date <> sort_date;
CREATE INDEX apart_by_filter_date ON items (folder, filter_date, id, sort_date) WHERE filter_date <> sort_date;

CREATE TABLE item_tombstones (
  folder INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  item INTEGER NOT NULL,
  created INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  deleted_by INTEGER NOT NULL,
  sort_date INTEGER NOT NULL,
  filter_date INTEGER NOT NULL,
  PRIMARY KEY (folder, deleted)
) STRICT, WITHOUT ROWID;

CREATE TABLE sync_states (
  partnership INTEGER NOT NULL,
  collection INTEGER NOT NULL,
  current_key INTEGER,
  current_data TEXT,
  previous_key INTEGER,
  previous_data TEXT,
  PRIMARY KEY (partnership, collection)
) STRICT, WITHOUT ROWID;

CREATE TABLE partnerships (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user INTEGER NOT NULL,
  device_id TEXT NOT NULL,
  device_key TEXT NOT NULL,
  device_type TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  protocol_version REAL NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  information TEXT NOT NULL,
  policy_key INTEGER NOT NULL,
  pending_policy_key INTEGER NOT NULL,
  policy_digest TEXT NOT NULL,
  ping_parameters TEXT NOT NULL,
  sync_parameters TEXT NOT NULL,
  UNIQUE (user, device_key)
) STRICT;

CREATE TABLE domains (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  mailbox INTEGER NOT NULL UNIQUE,
  name TEXT NOT NULL,
  domain TEXT NOT NULL,
  addresses TEXT NOT NULL,
  display_name TEXT NOT NULL,
  given_name TEXT NOT NULL,
  family_name TEXT NOT NULL,
  phone TEXT NOT NULL,
  mobile TEXT NOT NULL,
  office TEXT NOT NULL,
  title TEXT NOT NULL,
  company TEXT NOT NULL,
  department TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  active_sync_enabled INTEGER NOT NULL,
  UNIQUE (name, domain)
) STRICT;
CREATE TABLE photos (user INTEGER PRIMARY KEY, octets BLOB NOT NULL) STRICT;
CREATE TABLE groups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  address TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  members TEXT NOT NULL
) STRICT;
-- Every address of a user or a group, so that none has two meanings. Exactly one of user_id, group_id is set.
CREATE TABLE addresses (address TEXT PRIMARY KEY, local_part TEXT NOT NULL, user_id INTEGER, group_id INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_by_local_part ON addresses (local_part);

-- mailbox 0: marks of whole submissions.
CREATE TABLE delivery_marks (
  mailbox INTEGER NOT NULL,
  mark TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (mailbox, mark)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_marks_by_time ON delivery_marks (at);

CREATE TABLE outbound (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message INTEGER NOT NULL,
  sender TEXT NOT NULL,
  recipients TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  queued_at INTEGER NOT NULL,
  next_attempt_at INTEGER NOT NULL,
  last_error TEXT NOT NULL
) STRICT;
CREATE INDEX outbound_by_time ON outbound (next_attempt_at, id);
`;
