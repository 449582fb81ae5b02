//! A cluster in place of a single server: each table is a replicated one on every shard, and a distributed one over them that has
//! its name, from which all is read and into which all is written. Statements are written for a single server and are made
//! those of a cluster here.

/// Ending of the tables that hold the rows of a shard.
const LOCAL: &str = "_local";

/// The cluster by its name in the servers' configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cluster(String);

/// The name behind the words that a statement begins with, and what stands behind the name.
fn named<'a>(sql: &'a str, words: &str) -> Option<(&'a str, &'a str)> {
    let rest = sql.strip_prefix(words)?.trim_start();
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    (end > 0).then(|| rest.split_at(end))
}

/// The first column of the sorting key: rows that replace each other have it in common, so they are on one shard.
fn shard_by(table: &str) -> &str {
    let key = table.split_once("ORDER BY").map_or("", |(_, key)| key.trim_start().trim_start_matches('('));
    let end = key.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(key.len());
    &key[..end]
}

impl Cluster {
    /// `None` for a single server.
    pub(super) fn named(name: &str) -> Option<Self> {
        (!name.is_empty()).then(|| Self(name.to_owned()))
    }

    fn on(&self) -> String {
        format!("ON CLUSTER `{}`", self.0)
    }

    /// What a change of the tables is on the cluster, in order.
    pub(super) fn statements(&self, sql: &str) -> Vec<String> {
        let (sql, on) = (sql.trim(), self.on());
        if let Some((name, rest)) = named(sql, "CREATE TABLE IF NOT EXISTS") {
            return self.table(name, rest);
        }
        if let Some((name, rest)) = named(sql, "ALTER TABLE") {
            return [format!("{name}{LOCAL}"), name.to_owned()]
                .map(|table| format!("ALTER TABLE {table} {on}{rest}"))
                .to_vec();
        }
        if let Some((name, rest)) = named(sql, "CREATE MATERIALIZED VIEW") {
            return vec![self.feed(name, rest)];
        }
        for words in ["CREATE OR REPLACE VIEW", "DROP VIEW IF EXISTS"] {
            if let Some((name, rest)) = named(sql, words) {
                return vec![format!("{words} {name} {on}{rest}")];
            }
        }
        vec![self.query(sql)]
    }

    fn table(&self, name: &str, rest: &str) -> Vec<String> {
        let on = self.on();
        let replicated = rest
            .replacen("ENGINE = ", "ENGINE = Replicated", 1)
            .replace("non_replicated_deduplication_window", "replicated_deduplication_window");
        let sharded = format!("cityHash64({})", shard_by(rest));
        vec![
            format!("CREATE TABLE IF NOT EXISTS {name}{LOCAL} {on}{replicated}"),
            format!(
                "CREATE TABLE IF NOT EXISTS {name} {on} AS {name}{LOCAL}
    ENGINE = Distributed(`{}`, currentDatabase(), {name}{LOCAL}, {sharded})",
                self.0
            ),
        ]
    }

    /// A view that feeds a table does so shard by shard: from the rows of one to its own.
    fn feed(&self, name: &str, rest: &str) -> String {
        let local = |text: &str, word: &str| match text.split_once(word) {
            Some((before, after)) => {
                let end = after.find(char::is_whitespace).unwrap_or(after.len());
                format!("{before}{word}{}{LOCAL}{}", &after[..end], &after[end..])
            }
            None => text.to_owned(),
        };
        let fed = local(&local(rest, " TO "), "FROM ");
        format!("CREATE MATERIALIZED VIEW {name} {}{fed}", self.on())
    }

    /// What another statement is on the cluster: rows are changed where they are, all else is as on a single server.
    pub(super) fn query(&self, sql: &str) -> String {
        let trimmed = sql.trim_start();
        for words in ["DELETE FROM", "ALTER TABLE", "TRUNCATE TABLE", "OPTIMIZE TABLE"] {
            if let Some((name, rest)) = named(trimmed, words) {
                return format!("{words} {name}{LOCAL} {}{rest}", self.on());
            }
        }
        sql.to_owned()
    }

    pub(super) fn database(&self, name: &str) -> String {
        format!("CREATE DATABASE IF NOT EXISTS `{name}` {}", self.on())
    }

    /// A table of the system on each shard.
    pub(super) fn system(&self, table: &str) -> String {
        format!("cluster(`{}`, system.{table})", self.0)
    }

    /// The table that holds the rows.
    pub(super) fn holds(&self, table: &str) -> String {
        format!("{table}{LOCAL}")
    }

    /// What the sessions need: writes are waited for on the shards, a set of a subquery goes to all of them, and rows are deleted
    /// by what other tables say.
    pub(super) const SETTINGS: [(&'static str, &'static str); 4] = [
        ("insert_distributed_sync", "1"),
        ("distributed_product_mode", "global"),
        ("allow_nondeterministic_mutations", "1"),
        ("distributed_ddl_output_mode", "throw"),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_changed_where_they_are_and_all_else_goes_over_the_cluster() {
        let cluster = Cluster::named("two shards").unwrap();
        let rows = "DELETE FROM outcomes WHERE key IN (SELECT key FROM predictions)";
        let changed =
            "DELETE FROM outcomes_local ON CLUSTER `two shards` WHERE key IN (SELECT key FROM predictions)";
        assert_eq!(cluster.query(&format!("\n   {rows}")), changed);
        assert_eq!(
            cluster.query("OPTIMIZE TABLE x FINAL"),
            "OPTIMIZE TABLE x_local ON CLUSTER `two shards` FINAL"
        );
        let read = "SELECT count() FROM scores FINAL";
        assert_eq!(cluster.query(read), read);
        assert_eq!(cluster.statements("INSERT INTO a SELECT 1"), ["INSERT INTO a SELECT 1"]);
        assert_eq!(
            cluster.statements("TRUNCATE TABLE a"),
            ["TRUNCATE TABLE a_local ON CLUSTER `two shards`"]
        );
        assert_eq!(Cluster::named(""), None);
    }
}
