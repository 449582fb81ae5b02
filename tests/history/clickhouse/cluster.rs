//! The tables of a cluster: as text, and as the real engine reads it. A cluster with its keeper does not run here.

use crate::support::clickhouse::Server;
use crate::support::snapshots::same_as_kept;
use impulso::adapters::history::clickhouse::cluster_tables;

#[test]
fn each_table_is_replicated_on_the_shards_and_distributed_over_them() {
    let all = cluster_tables("main");
    let tables = all.iter().filter(|sql| sql.starts_with("CREATE TABLE"));
    let replicated =
        tables.clone().filter(|sql| sql.contains("_local ON CLUSTER") && sql.contains("ENGINE = Replicated"));
    let distributed = tables.clone().filter(|sql| sql.contains("ENGINE = Distributed(`main`"));
    assert_eq!((replicated.count(), distributed.count()), (tables.count() / 2, 13));
    let over_the_cluster = all.iter().filter(|sql| !sql.starts_with("INSERT INTO"));
    assert!(over_the_cluster.clone().all(|sql| sql.contains("ON CLUSTER `main`")), "{all:#?}");
    assert!(cluster_tables("").is_empty());
    same_as_kept("stores", "clickhouse-cluster", &(all.join(";\n\n") + ";"), &[]);
}

#[tokio::test]
async fn the_engine_understands_each_statement() {
    let server = Server::start();
    let _store = server.open().await;
    for sql in cluster_tables("main") {
        // Inserts are not explained: those of the tables are the same as on a single server, which has just run them.
        if !sql.starts_with("INSERT") {
            let tree: Vec<String> = server.all(&format!("EXPLAIN AST {sql}")).await;
            assert!(tree.len() > 1, "{sql}: {tree:?}");
        }
    }
}
