/** Layout of the database file. Older ones open; a newer one is refused with the version that wrote it. */
export const storeFormat = 3;

/** What the barriers of a study with a target decided: replicates at a design point from that round on. */
const roundsTable = `CREATE TABLE rounds (
    round INTEGER NOT NULL, design_point VARCHAR NOT NULL, replicates INTEGER NOT NULL, PRIMARY KEY (round, design_point))`;

/** What brings a file of the format before to the format of the key; views are always those of this version. */
export const upgrades: Readonly<Record<number, readonly string[]>> = {
  2: [
    "ALTER TABLE runs ADD COLUMN IF NOT EXISTS packages VARCHAR",
    "ALTER TABLE runs ADD COLUMN IF NOT EXISTS lockfile_hash VARCHAR",
    "ALTER TABLE failures ADD COLUMN IF NOT EXISTS replay VARCHAR",
  ],
  3: [roundsTable.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS")],
};

/** Tables of a study's database (README, "The database"). A replicate's rows in `replicates`, `atoms`, `losses` and `failures` are written
 *  in one transaction, so the key of `replicates` guards all four; keys on the long tables would multiply the file by eight (docs/adr/0013-no-keys-on-long-tables.md). */
export const tableDefinitions: readonly string[] = [
  `CREATE TABLE studies (
    revision INTEGER PRIMARY KEY, name VARCHAR NOT NULL, format INTEGER NOT NULL, definition VARCHAR NOT NULL, recorded TIMESTAMP NOT NULL)`,
  `CREATE TABLE runs (
    run INTEGER PRIMARY KEY, revision INTEGER NOT NULL, started TIMESTAMP NOT NULL, finished TIMESTAMP, outcome VARCHAR NOT NULL,
    version VARCHAR NOT NULL, source_commit VARCHAR, node VARCHAR NOT NULL, duckdb VARCHAR NOT NULL, platform VARCHAR NOT NULL,
    cpu VARCHAR NOT NULL, cores INTEGER NOT NULL, engine VARCHAR NOT NULL, kernel_hash VARCHAR NOT NULL, plugins VARCHAR NOT NULL,
    threads INTEGER NOT NULL, main_cpu_ms DOUBLE, packages VARCHAR, lockfile_hash VARCHAR)`,
  `CREATE TABLE designs (
    design VARCHAR PRIMARY KEY, fit VARCHAR NOT NULL, k INTEGER NOT NULL, true_atoms INTEGER NOT NULL, gating VARCHAR NOT NULL,
    expert VARCHAR NOT NULL, identity VARCHAR NOT NULL)`,
  `CREATE TABLE design_points (
    design_point VARCHAR PRIMARY KEY, design VARCHAR NOT NULL, n BIGINT NOT NULL, k INTEGER NOT NULL, planned INTEGER NOT NULL)`,
  `CREATE TABLE replicates (
    design_point VARCHAR NOT NULL, replicate INTEGER NOT NULL, status VARCHAR NOT NULL, certified BOOLEAN NOT NULL, local BOOLEAN NOT NULL,
    sse DOUBLE, sse_truth DOUBLE, cosine DOUBLE, predicted_reduction DOUBLE, min_eigenvalue DOUBLE, flat_directions INTEGER,
    active_bounds VARCHAR NOT NULL, starts INTEGER, optima INTEGER, reached_best INTEGER, iterations INTEGER, evaluations INTEGER,
    tightened_change DOUBLE, audited BOOLEAN NOT NULL, beaten BOOLEAN, wall_ms DOUBLE NOT NULL, cpu_ms DOUBLE NOT NULL, theta DOUBLE[],
    run INTEGER NOT NULL, PRIMARY KEY (design_point, replicate))`,
  `CREATE TABLE atoms (
    design_point VARCHAR NOT NULL, replicate INTEGER NOT NULL, atom INTEGER NOT NULL, cell INTEGER, parameter VARCHAR NOT NULL, value DOUBLE)`,
  `CREATE TABLE losses (
    design_point VARCHAR NOT NULL, replicate INTEGER NOT NULL, loss VARCHAR NOT NULL, component VARCHAR NOT NULL, value DOUBLE)`,
  `CREATE TABLE failures (
    design_point VARCHAR NOT NULL, replicate INTEGER NOT NULL, kind VARCHAR NOT NULL, message VARCHAR NOT NULL, replay VARCHAR,
    PRIMARY KEY (design_point, replicate))`,
  roundsTable,
  `CREATE TABLE t_quantiles (df INTEGER NOT NULL, p DOUBLE NOT NULL, t DOUBLE NOT NULL, PRIMARY KEY (df, p))`,
];

/** Names of the tables that files of every format have, in the order of their definitions. */
export const tableNames = [
  "studies",
  "runs",
  "designs",
  "design_points",
  "replicates",
  "atoms",
  "losses",
  "failures",
  "t_quantiles",
] as const;
