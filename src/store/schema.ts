import type { DatabaseSync } from 'node:sqlite';

/** 'ASAY': tells a store from the SQLite file of another program. */
export const applicationId = 0x41534159;

/** What came after this version are tables of reproductions alone: a store without them can be read, and has none. */
export const readableVersion = 1;

/**
 * Each brings a store from the version of its index to the next. Published ones never change; a new version is a new
 * function at the end. `PRAGMA user_version` holds how many were applied.
 */
export const migrations: readonly ((db: DatabaseSync) => void)[] = [
  (db) =>
    db.exec(`
      CREATE TABLE run (
        key INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        recipe TEXT NOT NULL,
        config TEXT NOT NULL,
        paper TEXT,
        arm TEXT,
        seed INTEGER NOT NULL,
        status TEXT NOT NULL,
        created INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        planned INTEGER NOT NULL,
        last INTEGER NOT NULL,
        parent TEXT,
        summary TEXT,
        tags TEXT NOT NULL,
        metric_names TEXT NOT NULL,
        clock_names TEXT NOT NULL
      ) STRICT;
      CREATE TABLE step (
        run INTEGER NOT NULL,
        step INTEGER NOT NULL,
        stage TEXT NOT NULL,
        time INTEGER NOT NULL,
        metrics TEXT NOT NULL,
        clock TEXT NOT NULL,
        PRIMARY KEY (run, step)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE block (
        key INTEGER PRIMARY KEY,
        run INTEGER NOT NULL,
        split TEXT NOT NULL,
        step INTEGER NOT NULL,
        first INTEGER NOT NULL,
        n INTEGER NOT NULL,
        columns BLOB NOT NULL,
        texts BLOB NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX block_place ON block (run, split, step, first);
      CREATE TABLE event (
        key INTEGER PRIMARY KEY,
        run INTEGER NOT NULL,
        step INTEGER NOT NULL,
        kind TEXT NOT NULL,
        time INTEGER NOT NULL,
        body TEXT NOT NULL
      ) STRICT;
      CREATE INDEX event_place ON event (run, step);
      CREATE TABLE evaluation (
        run INTEGER NOT NULL,
        step INTEGER NOT NULL,
        name TEXT NOT NULL,
        time INTEGER NOT NULL,
        metrics TEXT NOT NULL,
        clock TEXT NOT NULL,
        PRIMARY KEY (run, step, name)
      ) STRICT, WITHOUT ROWID;
    `),
  (db) =>
    db.exec(`
      CREATE TABLE reproduction (
        key INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        config TEXT NOT NULL,
        paper TEXT,
        metric TEXT NOT NULL,
        arms TEXT NOT NULL,
        seeds TEXT NOT NULL,
        variations TEXT NOT NULL,
        fresh INTEGER NOT NULL,
        status TEXT NOT NULL,
        created INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        seconds REAL NOT NULL,
        writer TEXT NOT NULL,
        result TEXT,
        error TEXT
      ) STRICT;
      CREATE INDEX reproduction_name ON reproduction (name);
      CREATE TABLE job (
        reproduction INTEGER NOT NULL,
        variation TEXT NOT NULL,
        seed INTEGER NOT NULL,
        arm TEXT NOT NULL,
        status TEXT NOT NULL,
        run TEXT,
        started INTEGER NOT NULL,
        ended INTEGER,
        stage_seconds REAL,
        metrics TEXT,
        error TEXT,
        PRIMARY KEY (reproduction, variation, seed, arm)
      ) STRICT, WITHOUT ROWID;
    `),
];
