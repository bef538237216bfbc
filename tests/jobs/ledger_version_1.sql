-- A ledger of version 1 of its tables, as sqlite3's .dump shows it: two runs of sales, one of visits.
PRAGMA application_id = 1178817364;
PRAGMA user_version = 1;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        job_file TEXT NOT NULL,
        started TEXT NOT NULL,
        ended TEXT,
        exit_code INTEGER,
        program_version TEXT NOT NULL);
INSERT INTO runs VALUES('run0','/srv/old.toml','2026-01-01T12:00:00.000000Z','2026-01-01T13:00:00.000000Z',0,'0.1.0');
INSERT INTO runs VALUES('run1','/srv/jobs.toml','2026-01-02T12:00:00.000000Z','2026-01-02T13:00:00.000000Z',0,'0.1.0');
CREATE TABLE job_runs (
        run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        job TEXT NOT NULL,
        started TEXT NOT NULL,
        ended TEXT NOT NULL,
        outcome TEXT NOT NULL,
        stage TEXT,
        message TEXT,
        fingerprint TEXT,
        last TEXT,
        series INTEGER,
        points INTEGER,
        model TEXT,
        training TEXT NOT NULL,
        scored INTEGER NOT NULL,
        PRIMARY KEY (run_id, job)) WITHOUT ROWID;
INSERT INTO job_runs VALUES('run0','sales','2026-01-01T12:00:00.000000Z','2026-01-01T12:00:01.000000Z','forecast',NULL,'3 steps. 1 series is gone: b.',NULL,NULL,NULL,NULL,NULL,'trained',0);
INSERT INTO job_runs VALUES('run0','visits','2026-01-01T12:00:00.000000Z','2026-01-01T12:00:01.000000Z','failed',NULL,'No such file.',NULL,NULL,NULL,NULL,NULL,'',0);
INSERT INTO job_runs VALUES('run1','sales','2026-01-02T12:00:00.000000Z','2026-01-02T12:00:01.000000Z','forecast',NULL,'3 steps. 1 series is gone: b.',NULL,NULL,NULL,NULL,NULL,'trained',1);
CREATE TABLE models (
        job TEXT NOT NULL,
        version TEXT NOT NULL,
        created TEXT NOT NULL,
        trained_to TEXT,
        mase REAL,
        PRIMARY KEY (job, version)) WITHOUT ROWID;
INSERT INTO models VALUES('sales','model','2026-01-01T12:00:00.000000Z',NULL,NULL);
CREATE TABLE forecasts (
        id INTEGER PRIMARY KEY,
        run_id TEXT NOT NULL REFERENCES runs (id),
        job TEXT NOT NULL,
        made TEXT NOT NULL,
        model TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        horizon INTEGER NOT NULL,
        dated INTEGER NOT NULL,
        UNIQUE (job, fingerprint, model, horizon));
INSERT INTO forecasts VALUES(1,'run0','sales','2026-01-01T12:00:00.000000Z','model','[3]',3,0);
INSERT INTO forecasts VALUES(2,'run1','sales','2026-01-02T12:00:00.000000Z','model','[4]',3,0);
CREATE TABLE series (id INTEGER PRIMARY KEY, job TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (job, name));
INSERT INTO series VALUES(1,'sales','a');
CREATE TABLE origins (
        id INTEGER PRIMARY KEY,
        forecast INTEGER NOT NULL REFERENCES forecasts (id) ON DELETE CASCADE,
        series INTEGER NOT NULL REFERENCES series (id),
        cutoff INTEGER NOT NULL,
        scale REAL,
        UNIQUE (forecast, series));
INSERT INTO origins VALUES(1,1,1,3,1.5);
INSERT INTO origins VALUES(2,2,1,4,2.0);
CREATE TABLE points (
        origin INTEGER NOT NULL REFERENCES origins (id) ON DELETE CASCADE,
        step INTEGER NOT NULL,
        series INTEGER NOT NULL,
        time INTEGER NOT NULL,
        forecast REAL NOT NULL,
        naive REAL,
        actual REAL,
        PRIMARY KEY (origin, step)) WITHOUT ROWID;
INSERT INTO points VALUES(1,1,1,4,5.0,4.0,7.0);
INSERT INTO points VALUES(1,2,1,5,5.0,4.0,NULL);
INSERT INTO points VALUES(1,3,1,6,5.0,4.0,NULL);
INSERT INTO points VALUES(2,1,1,5,8.0,7.0,NULL);
INSERT INTO points VALUES(2,2,1,6,8.0,7.0,NULL);
INSERT INTO points VALUES(2,3,1,7,8.0,7.0,NULL);
CREATE TABLE seen (
        job TEXT PRIMARY KEY,
        fingerprint TEXT NOT NULL,
        since TEXT NOT NULL,
        columns TEXT NOT NULL,
        freq TEXT NOT NULL,
        season_length INTEGER NOT NULL,
        tz TEXT,
        panel BLOB NOT NULL);
INSERT INTO seen VALUES('sales','[4]','2026-01-02T12:00:00.000000Z','["date", "value"]','step',1,NULL,X'78010bf06666d16580004506ad251a66ffa1809d41842133a5582fafa092914180a105aa08464ff60bf50d8864642863a8564f492d4e2e52b75250b7093554d751504fcb2f2a294acc8bcf2f4a490589bb25e614a702c58b33120b52817c0d431d4d1d855a050a005722d03d01288e974a916e84399e0be4f8bc9482922298fb2740dd0fa3b1bb3fd38228f71b51ee7ea8731858a00c54bf3c2b7deb0df30b27d02fc525a905f0a85800d502a329f28a09e55e6184ba07178deab5088efd6530af81a2a92c31a7349544bfa511174d54f01bc46b1feca15e7480d002505ac601d56f5153be88c1fcc60df45b4e6a5e7a4906dc731d50536034451147853c84487b8c4cbacca8c500289f83303bd4cd20aa011cc3d04221c01b551328fb81321708738154434103e35e200b9119d1f58192fa02a00a10e60462186860ec045a074ff8e8da40c96801502d08a35a97c2c48094a8d0f581a20814fe20cc0dc430d0c0e8c0cc801c6101deac6c204956201405ba84151c5a003cb5063e');
CREATE INDEX runs_by_time ON runs (started);
CREATE INDEX job_runs_by_time ON job_runs (started);
CREATE INDEX trainings ON job_runs (job, ended) WHERE training != '';
CREATE INDEX forecasts_by_run ON forecasts (run_id);
CREATE INDEX forecasts_by_model ON forecasts (job, model);
CREATE INDEX forecasts_by_time ON forecasts (made);
CREATE INDEX origins_by_series ON origins (series);
CREATE INDEX awaited ON points (series, time) WHERE actual IS NULL;
CREATE VIEW forecast_points AS SELECT
        f.job AS job,
        s.name AS series,
        f.made AS made,
        f.model AS model,
        CAST(julianday(f.made) - julianday(m.created) AS INTEGER) AS model_age,
        CASE f.dated WHEN 1 THEN strftime('%Y-%m-%dT%H:%M:%S', o.cutoff / 1000000000, 'unixepoch') ELSE o.cutoff END
            AS cutoff,
        p.step AS step,
        CASE f.dated WHEN 1 THEN strftime('%Y-%m-%dT%H:%M:%S', p.time / 1000000000, 'unixepoch') ELSE p.time END
            AS time,
        p.forecast AS forecast,
        p.naive AS naive,
        p.actual AS actual,
        p.forecast - p.actual AS error,
        p.naive - p.actual AS naive_error,
        abs(p.forecast - p.actual) / nullif(o.scale, 0) AS scaled_error,
        abs(p.naive - p.actual) / nullif(o.scale, 0) AS naive_scaled_error
    FROM points p
    JOIN origins o ON o.id = p.origin
    JOIN forecasts f ON f.id = o.forecast
    JOIN series s ON s.id = o.series
    LEFT JOIN models m ON m.job = f.job AND m.version = f.model;
COMMIT;
