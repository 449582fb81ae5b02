//! The problems that the program knows: what is wrong, with the values that a text in any language needs; what it means for
//! the user; what to do about it.

use crate::actors::alert::text::{fate, remedy};
use crate::domain::alert::remedy::Remedy;
use crate::domain::moment::MachineTime;
use crate::domain::time::clock;
use crate::i18n::{Language, Reason, Texts};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A problem of the whole system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SystemProblem {
    /// A read-only node cannot reach Redis.
    Redis {
        /// Its address, without secrets.
        url: String,
        error: Reason,
    },
    /// A read-only node has seen no scanner.
    NoScanner {
        /// Address of Redis, without secrets.
        url: String,
    },
    /// The scanner of a read-only node is silent.
    QuietScanner { seconds: i64 },
    /// A kind of REST request of the exchange does not work.
    Exchange { url: String, error: Reason },
    /// The exchange wants no REST request before a moment (429, 418).
    Limited {
        #[serde(default)]
        url: String,
        until: MachineTime,
        /// 418: a ban, not a request to wait.
        #[serde(default)]
        banned: bool,
    },
    /// A stream connection does not work.
    Stream {
        /// Name of the connection.
        connection: String,
        /// Address of the streams.
        url: String,
        error: Reason,
    },
    /// No stream says anything, though none has failed.
    SilentStreams,
    /// No ranking came when three were due.
    NoRanking,
    /// Fewer pairs are analysed than users were promised.
    LowCoverage { analyzable: u32, universe: u32 },
    /// What the model says of pairs is no number.
    NoChance {
        pairs: usize,
        /// One of them.
        example: String,
    },
    /// The wall clock of this machine and the exchange's are apart.
    MachineClock {
        /// How far the machine's is ahead, seconds; negative: behind.
        ahead_s: i64,
    },
    /// A reader of the cycles is so far behind that they wait on the disk.
    Behind {
        /// Who is behind, as the logs name it.
        reader: String,
        /// Cycles that wait.
        cycles: usize,
    },
    /// The state file takes no changes.
    State { error: Reason },
    /// Messages that wait in memory for the state file.
    Outbox { waiting: usize, error: Reason },
    /// Predictions that wait in memory for the state file.
    Ledger { waiting: usize, error: Reason },
    /// The history store takes no rows.
    History {
        error: Reason,
        /// Hourly samples that waited for it and were given up.
        #[serde(default)]
        given_up: u64,
    },
    /// The state file was damaged; where it was moved.
    StateDamaged { file: String },
    /// The history was damaged; where it was moved.
    HistoryDamaged { file: String },
    /// Of two scanners: this one does not know whether it may send.
    NoLease {
        /// Address of Redis, without secrets.
        url: String,
        error: Reason,
    },
    /// Of two scanners: nothing is heard of the one that would take over.
    NoStandby { seconds: i64 },
    /// Of two scanners: changes of the state do not get from one to the other.
    CopyBehind { seconds: i64, error: Reason },
    /// The scanner cannot publish to Redis.
    RedisPublisher { error: Reason },
    /// A channel of alerts does not work.
    Channel {
        name: String,
        error: Reason,
        /// What somebody has to do; `None` where it may pass by itself.
        remedy: Option<Remedy>,
    },
}

/// What can have a problem: one at a time each. In the order in which they are told: causes before what follows from them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemSource {
    /// What a read-only node reads from.
    Scanner,
    Rest,
    RestLimit,
    /// By name.
    Stream(String),
    Streams,
    Ranking,
    Coverage,
    Chances,
    MachineClock,
    /// Of two scanners: who may send.
    Lease,
    State,
    Outbox,
    Ledger,
    History,
    StateDamage,
    HistoryDamage,
    /// A reader of the cycles, by name. Behind the files: it mostly waits for one of them.
    Reader(&'static str),
    Redis,
    /// Of two scanners: the copy of the state.
    Copy,
    /// Of two scanners: the other one.
    Standby,
    /// By name.
    Channel(String),
}

impl SystemProblem {
    /// As the JSON has it, for logs and metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Redis { .. } => "redis",
            Self::NoScanner { .. } => "no_scanner",
            Self::QuietScanner { .. } => "quiet_scanner",
            Self::Exchange { .. } => "exchange",
            Self::Limited { .. } => "limited",
            Self::Stream { .. } => "stream",
            Self::SilentStreams => "silent_streams",
            Self::NoRanking => "no_ranking",
            Self::LowCoverage { .. } => "low_coverage",
            Self::NoChance { .. } => "no_chance",
            Self::MachineClock { .. } => "machine_clock",
            Self::Behind { .. } => "behind",
            Self::State { .. } => "state",
            Self::Outbox { .. } => "outbox",
            Self::Ledger { .. } => "ledger",
            Self::History { .. } => "history",
            Self::StateDamaged { .. } => "state_damaged",
            Self::HistoryDamaged { .. } => "history_damaged",
            Self::NoLease { .. } => "no_lease",
            Self::NoStandby { .. } => "no_standby",
            Self::CopyBehind { .. } => "copy_behind",
            Self::RedisPublisher { .. } => "redis_publisher",
            Self::Channel { .. } => "channel",
        }
    }

    /// While it is there, the ranking is not to be trusted to be complete and of now.
    pub(crate) const fn ends_readiness(&self) -> bool {
        matches!(
            self,
            Self::Redis { .. }
                | Self::NoScanner { .. }
                | Self::QuietScanner { .. }
                | Self::NoRanking
                | Self::LowCoverage { .. }
        )
    }

    /// What is wrong.
    pub(crate) fn in_words(&self, t: &Texts) -> String {
        match self {
            Self::Redis { url, error } => t.system_redis(url, error.in_words(t)),
            Self::NoScanner { url } => t.system_no_scanner(url),
            Self::QuietScanner { seconds } => t.system_quiet_scanner(*seconds),
            Self::Exchange { url, error } => t.system_exchange(url, error.in_words(t)),
            Self::Limited { url, until, banned: true } => t.system_banned(url, clock(until.ms())),
            Self::Limited { url, until, .. } => t.system_limited(url, clock(until.ms())),
            Self::Stream { connection, url, error } => t.system_stream(connection, url, error.in_words(t)),
            Self::SilentStreams => t.system_silent_streams(),
            Self::NoRanking => t.system_no_ranking(),
            Self::LowCoverage { analyzable, universe } => t.system_low_coverage(*analyzable, *universe),
            Self::NoChance { pairs, example } => t.system_no_chance(*pairs, example),
            Self::MachineClock { ahead_s: ahead @ 0.. } => t.system_machine_clock_ahead(*ahead),
            Self::MachineClock { ahead_s } => t.system_machine_clock_behind(-*ahead_s),
            Self::Behind { reader, cycles } => t.system_behind(reader, *cycles),
            Self::State { error } => t.system_state(error.in_words(t)),
            Self::Outbox { waiting, error } => t.system_outbox(*waiting, error.in_words(t)),
            Self::Ledger { waiting, error } => t.system_ledger(*waiting, error.in_words(t)),
            Self::History { error, given_up: 0 } => t.system_history(error.in_words(t)),
            Self::History { error, given_up } => t.system_history_given_up(error.in_words(t), *given_up),
            Self::StateDamaged { file } => t.system_state_damaged(file),
            Self::HistoryDamaged { file } => t.system_history_damaged(file),
            Self::NoLease { url, error } => t.system_no_lease(url, error.in_words(t)),
            Self::NoStandby { seconds } => t.system_no_standby(*seconds),
            Self::CopyBehind { seconds, error } => t.system_copy_behind(*seconds, error.in_words(t)),
            Self::RedisPublisher { error } => t.system_redis_publisher(error.in_words(t)),
            Self::Channel { name, error, .. } => t.system_channel(name, error.in_words(t)),
        }
    }

    /// What it means for the user.
    pub(crate) fn meaning(&self, t: &Texts) -> String {
        match self {
            Self::Redis { .. } | Self::QuietScanner { .. } => t.system_old_page_means(),
            Self::NoScanner { .. } => t.system_no_scanner_means(),
            Self::Exchange { .. } => t.system_exchange_means(),
            Self::Limited { .. } => t.system_limited_means(),
            Self::Stream { .. } => t.system_stream_means(),
            Self::SilentStreams => t.system_silent_streams_means(),
            Self::NoRanking => t.system_no_ranking_means(),
            Self::LowCoverage { .. } => t.system_low_coverage_means(),
            Self::NoChance { .. } => t.system_no_chance_means(),
            Self::MachineClock { .. } => t.system_machine_clock_means(),
            Self::Behind { .. } => t.system_behind_means(),
            Self::State { .. } => t.system_state_means(),
            Self::Outbox { .. } => t.system_outbox_means(),
            Self::Ledger { .. } => t.system_ledger_means(),
            Self::History { .. } => t.system_history_means(),
            Self::StateDamaged { .. } => t.system_state_damaged_means(),
            Self::HistoryDamaged { .. } => t.system_history_damaged_means(),
            Self::NoLease { .. } => t.system_no_lease_means(),
            Self::NoStandby { .. } => t.system_no_standby_means(),
            Self::CopyBehind { .. } => t.system_copy_behind_means(),
            Self::RedisPublisher { .. } => t.system_redis_publisher_means(),
            Self::Channel { remedy, .. } => fate(*remedy, t),
        }
    }

    /// What to do about it.
    pub(crate) fn remedy(&self, t: &Texts) -> String {
        match self {
            Self::Redis { .. }
            | Self::RedisPublisher { .. }
            | Self::NoLease { .. }
            | Self::CopyBehind { .. } => t.system_redis_remedy(),
            Self::NoStandby { .. } => t.system_no_standby_remedy(),
            Self::NoScanner { .. } => t.system_no_scanner_remedy(),
            Self::QuietScanner { .. } => t.system_quiet_scanner_remedy(),
            Self::Exchange { .. } => t.system_exchange_remedy(),
            Self::Limited { .. } => t.system_limited_remedy(),
            Self::Stream { .. } => t.system_stream_remedy(),
            Self::SilentStreams => t.system_silent_streams_remedy(),
            Self::NoRanking => t.system_no_ranking_remedy(),
            Self::LowCoverage { .. } => t.system_low_coverage_remedy(),
            Self::NoChance { .. } => t.system_no_chance_remedy(),
            Self::MachineClock { .. } => t.system_machine_clock_remedy(),
            Self::Behind { .. } => t.system_behind_remedy(),
            Self::State { .. } | Self::Outbox { .. } | Self::Ledger { .. } | Self::History { .. } => {
                t.system_disk_remedy()
            }
            Self::StateDamaged { file } => t.system_state_damaged_remedy(file),
            Self::HistoryDamaged { file } => t.system_history_damaged_remedy(file),
            Self::Channel { remedy: Some(mend), .. } => remedy(*mend, t),
            Self::Channel { name, .. } => t.system_channel_remedy(name),
        }
    }
}

/// For the log.
impl fmt::Display for SystemProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = Language::En.texts();
        write!(f, "{}. {} {}", self.in_words(t), self.meaning(t), self.remedy(t))
    }
}
