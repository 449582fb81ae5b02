//! The built program from outside; names beginning with `heavy_` run first, two at a time.
mod support;

mod e2e {
    mod alerts;
    mod api;
    mod backtest;
    mod backup;
    mod cli;
    mod cli_words;
    mod clickhouse;
    mod demo;
    mod experiment;
    mod history;
    mod languages;
    mod ledger;
    mod ledger_training;
    mod longer_history;
    mod one_level;
    mod problems;
    mod recorded;
    mod redis_nodes;
    mod telegram;
    mod two_machines;
    mod way_out;
}
