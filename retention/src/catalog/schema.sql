-- The catalog's tables. Nothing personal stands here in the clear: names and places are in `detail.sealed` only,
-- under the item's own key. A change of this file is a new `VERSION` in open.rs. Triggers are added by digest.rs.

CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    ledger_size INTEGER NOT NULL,
    key_generation INTEGER NOT NULL,
    clock_ms INTEGER NOT NULL
) STRICT;
INSERT INTO meta VALUES (1, 0, 0, 0);

-- What policies look at: few combinations, each written once.
CREATE TABLE facet (
    facet INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    class TEXT NOT NULL,
    environment TEXT NOT NULL,
    owner TEXT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL,
    exposure INTEGER NOT NULL,
    UNIQUE (kind, class, environment, owner, source, state, exposure)
) STRICT;

-- Narrow, because plans read all of it. `root` is the root of a copy's unit; a root has none.
-- life: 0 present, 1 purged, 2 missing.
CREATE TABLE item (
    row INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    facet INTEGER NOT NULL REFERENCES facet (facet),
    root INTEGER REFERENCES item (row),
    life INTEGER NOT NULL CHECK (life IN (0, 1, 2)),
    slot INTEGER,
    size_bytes INTEGER NOT NULL,
    stored_bytes INTEGER NOT NULL,
    ingested_ms INTEGER NOT NULL,
    last_used_ms INTEGER NOT NULL,
    marked_ms INTEGER,
    restarted_ms INTEGER,
    purged_ms INTEGER
) STRICT;
CREATE INDEX item_root ON item (root) WHERE root IS NOT NULL;

CREATE TABLE detail (
    row INTEGER PRIMARY KEY REFERENCES item (row) ON DELETE CASCADE,
    content BLOB NOT NULL CHECK (length(content) = 32),
    format TEXT NOT NULL,
    sealed BLOB
) STRICT;
CREATE INDEX detail_content ON detail (content);

CREATE TABLE lineage (
    child INTEGER NOT NULL REFERENCES item (row) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    parent INTEGER NOT NULL REFERENCES item (row),
    PRIMARY KEY (child, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX lineage_parent ON lineage (parent, child);

-- `root` is the root of the held item's unit: a hold on any member holds all of it.
CREATE TABLE hold (
    root INTEGER NOT NULL REFERENCES item (row),
    item INTEGER NOT NULL REFERENCES item (row),
    matter BLOB NOT NULL CHECK (length(matter) = 32),
    placed_ms INTEGER NOT NULL,
    placed_by TEXT NOT NULL,
    PRIMARY KEY (root, item, matter)
) STRICT, WITHOUT ROWID;
CREATE INDEX hold_item ON hold (item);
CREATE INDEX hold_matter ON hold (matter);

CREATE TABLE pin (
    root INTEGER NOT NULL REFERENCES item (row) ON DELETE CASCADE,
    pinned_by BLOB NOT NULL CHECK (length(pinned_by) = 32),
    pinned_ms INTEGER NOT NULL,
    PRIMARY KEY (root, pinned_by)
) STRICT, WITHOUT ROWID;
CREATE INDEX pin_by ON pin (pinned_by);

CREATE TABLE event_kind (
    kind INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- The last time that each kind of event happened to a unit.
CREATE TABLE event (
    root INTEGER NOT NULL REFERENCES item (row) ON DELETE CASCADE,
    kind INTEGER NOT NULL REFERENCES event_kind (kind),
    event_ms INTEGER NOT NULL,
    PRIMARY KEY (root, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    what TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    planned_by TEXT NOT NULL,
    state INTEGER NOT NULL CHECK (state IN (0, 1, 2))
) STRICT, WITHOUT ROWID;

CREATE TABLE approval (
    id BLOB PRIMARY KEY CHECK (length(id) = 32),
    plan BLOB NOT NULL CHECK (length(plan) = 32),
    what TEXT NOT NULL,
    approver TEXT NOT NULL,
    approved_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    spent_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX approval_plan ON approval (plan);

-- Users, environments and secrets: which file of governance/ is in force. kind: the number of the ledger's subjects.
CREATE TABLE governed (
    kind INTEGER NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 32),
    content BLOB NOT NULL CHECK (length(content) = 32),
    changed_ms INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sweep (
    sweep INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    started_ms INTEGER NOT NULL,
    ended_ms INTEGER NOT NULL,
    exit_code INTEGER NOT NULL,
    items INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL
) STRICT;
