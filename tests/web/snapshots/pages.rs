//! Every page in both languages, as it is served without JavaScript.

use super::filled::{self, CUT};
use crate::support::snapshots::{html_lines, same_as_kept};
use crate::web::fixture::{Site, row};
use impulso::actors::failover::status::{FailoverStatus, Machine, Role};
use impulso::actors::ports::state::Scope;
use impulso::actors::problems::{PresentProblem, SystemProblem};
use impulso::actors::view::{ChannelStatus, ConnectionStatus, FeedState, SystemStatus, WeightStatus};
use impulso::domain::moment::MachineTime;
use impulso::exchange::stream::outcome::FailReason;
use impulso::i18n::Reason;
use impulso::web::WebConfig;

/// Hashes of what stands under `web/`, the port, moments of the machine's clock.
const PASSING: [(&str, &str); 3] = [
    (r"/assets/[0-9a-f]{16}-", "/assets/HASH-"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"<time>[^<]*</time> UTC\.", "<time>MOMENT</time> UTC."),
];

/// The page in both languages under one name.
pub(crate) async fn kept(site: &Site, name: &str, path: &str) {
    // As an operator sees it, where there is one.
    let token = site.state.create_token("kept", Scope::Operate, MachineTime::from_ms(1)).map(|t| t.secret);
    let _ = token.map(|token| site.kept_token.set(token));
    let bearer = site.kept_token.get().map(|token| format!("Bearer {token}")).unwrap_or_default();
    for lang in ["es", "en"] {
        let sign = if path.contains('?') { '&' } else { '?' };
        let operator = [("Authorization", bearer.as_str())];
        let answer = site.get(&format!("{path}{sign}lang={lang}"), &operator).await;
        let text = format!("{}\n{}", answer.status, html_lines(&answer.text));
        same_as_kept("pages", &format!("{name}-{lang}"), &text, &PASSING);
    }
}

#[actix_rt::test]
async fn pages_before_the_first_ranking() {
    let site = Site::start(WebConfig::default());
    kept(&site, "early-market", "/").await;
    kept(&site, "early-alerts", "/alerts").await;
    kept(&site, "early-track", "/track").await;
    kept(&site, "early-experiments", "/experiments").await;
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn pages_of_a_market() {
    let site = filled::site().await;
    kept(&site, "market", "/").await;
    kept(&site, "market-sorted", "/?view=all&sort=volume_24h&dir=asc&level=ALTA,BAJA").await;
    for (name, symbol) in [
        ("listed", "AUSDT"),
        ("below", "BUSDT"),
        ("poor", "POORUSDT"),
        ("weak", "WEAKUSDT"),
        ("new", "NEWUSDT"),
        ("mute", "MUTEUSDT"),
        ("unknown", "NOPEUSDT"),
        ("escaped", "%3Cb%3E"),
    ] {
        kept(&site, &format!("pair-{name}"), &format!("/s/{symbol}")).await;
    }
    kept(&site, "alerts", "/alerts").await;
    kept(&site, "track", "/track?days=30").await;
    kept(&site, "experiments", "/experiments").await;
    kept(&site, "wrong-question", "/?sort=name").await;
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn the_status_of_a_scanner_that_is_well() {
    let site = Site::start(WebConfig::default());
    site.publish(1, vec![row("AUSDT", 90.0, 2e6)]);
    let live = |name: &str, state: &str| ConnectionStatus {
        name: name.to_owned(),
        state: state.to_owned(),
        streams: 300,
        age_ms: 3_723_000,
        silent_ms: 40,
        ..ConnectionStatus::default()
    };
    site.view.set_status(SystemStatus {
        feed: FeedState::Live,
        market_time: CUT + 33_000,
        connections: vec![live("klines-1", "live"), live("klines-2", "replacing")],
        weight: WeightStatus { used: 1_200, limit: 6_000, ..WeightStatus::default() },
        cycles_published: 120,
        close_lags: (1..=9).collect(),
        rest_url: "https://api.example".to_owned(),
        uptime_ms: 3_723_000,
        ..SystemStatus::default()
    });
    site.view.set_channel(ChannelStatus {
        name: "console".to_owned(),
        sent: 7,
        last_sent_at: Some(MachineTime::from_ms(CUT.ms())),
        ..ChannelStatus::default()
    });
    kept(&site, "status-well", "/status").await;
    site.server.stop(false).await;
}

fn every_problem() -> Vec<PresentProblem> {
    let (url, error) = ("http://x".to_owned(), FailReason::NoAnswer { after_ms: 5_000 }.reason());
    let all = [
        SystemProblem::Redis { url: url.clone(), error: error.clone() },
        SystemProblem::NoScanner { url: url.clone() },
        SystemProblem::QuietScanner { seconds: 75 },
        SystemProblem::NoRanking,
        SystemProblem::Exchange { url: url.clone(), error: error.clone() },
        SystemProblem::Limited {
            url: url.clone(),
            until: MachineTime::from_ms((CUT + 60_000).ms()),
            banned: true,
        },
        SystemProblem::Stream { connection: "1".to_owned(), url, error: error.clone() },
        SystemProblem::SilentStreams,
        SystemProblem::LowCoverage { analyzable: 3, universe: 30 },
        SystemProblem::NoChance { pairs: 2, example: "AUSDT".to_owned() },
        SystemProblem::MachineClock { ahead_s: -90 },
        SystemProblem::State { error: error.clone() },
        SystemProblem::Outbox { waiting: 2, error: error.clone() },
        SystemProblem::History { error: error.clone(), given_up: 0 },
        SystemProblem::Ledger { waiting: 3, error: error.clone() },
        SystemProblem::StateDamaged { file: "/s/state.db.corrupt-1".to_owned() },
        SystemProblem::HistoryDamaged { file: "/s/history.db.corrupt-1".to_owned() },
        SystemProblem::Behind { reader: "tracker".to_owned(), cycles: 14 },
        SystemProblem::NoLease { url: "redis://x".to_owned(), error: error.clone() },
        SystemProblem::NoStandby { seconds: 90 },
        SystemProblem::CopyBehind { seconds: 12, error: error.clone() },
        SystemProblem::RedisPublisher { error },
        SystemProblem::Channel {
            name: "telegram:1".to_owned(),
            error: Reason::said("timeout"),
            remedy: None,
        },
    ];
    let since = MachineTime::from_ms(CUT.ms());
    all.into_iter().map(|problem| PresentProblem { problem, since }).collect()
}

fn on_standby() -> FailoverStatus {
    let other = Machine { name: "other-host".to_owned(), role: Role::Active, silent_ms: 1_400 };
    FailoverStatus {
        role: Role::Standby,
        since: MachineTime::from_ms(CUT.ms()),
        fence: 7,
        other: Some(other),
    }
}

#[actix_rt::test]
async fn the_status_of_a_scanner_with_every_problem() {
    let site = Site::start(WebConfig::default());
    site.publish(1, vec![row("AUSDT", 90.0, 2e6)]);
    let drops = [
        "late_report",
        "cycle_no_report",
        "malformed_frame",
        "unknown_symbol",
        "untrusted_event_time",
        "exchange_info_entry",
        "connection_full",
        "backfill_queue",
        "outbox_write",
        "state_read",
        "redis",
        "alerts_lost",
        "history_candles",
        "history_scores",
        "history_samples",
        "a_new_cause",
    ];
    let ill = |state: &str| ConnectionStatus {
        name: state.to_owned(),
        state: state.to_owned(),
        reconnects: 4,
        last_error: Some(FailReason::Silent { silent_ms: 10_000 }.reason()),
        ..ConnectionStatus::default()
    };
    site.view.set_channel(ChannelStatus {
        name: "telegram:1".to_owned(),
        dead_channel: true,
        pending: 3,
        uncertain: 2,
        dead: 1,
        last_error: Some(Reason::said("401 Unauthorized")),
        ..ChannelStatus::default()
    });
    site.view.set_status(SystemStatus {
        feed: FeedState::Frozen,
        market_time: CUT + 333_000,
        connections: ["connecting", "silent", "waiting"].map(ill).into(),
        weight: WeightStatus {
            used: 6_000,
            limit: 6_000,
            embargo_until: Some(MachineTime::from_ms(CUT.ms() + 60_000)),
            queued: 9,
        },
        cycles_missed: 3,
        restarts: 2,
        drops: drops.iter().zip(1..).map(|(cause, n)| ((*cause).to_owned(), n)).collect(),
        problems: every_problem(),
        failover: Some(on_standby()),
        ..SystemStatus::default()
    });
    let mut texts = Vec::new();
    for query in ["?lang=es", "?lang=en", ""] {
        let status = site.get(&format!("/api/v1/status{query}"), &[]).await.json();
        texts.push(format!("{}\n{:#}", status["problem"], status["problems"]));
        let [said, code] =
            ["last_error", "last_error_code"].map(|key| status["connections"][0][key].as_str());
        assert!(said.is_some_and(|said| said.starts_with("no event for")), "English for programs: {said:?}");
        assert_eq!(code, Some("silent"));
    }
    for language in ["es", "en"] {
        texts.push(site.get("/readyz", &[("accept-language", language)]).await.text);
    }
    same_as_kept("api", "status-problems", &texts.join("\n"), &[]);
    kept(&site, "status-ill", "/status").await;
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn pages_of_a_read_only_node() {
    let site = Site::read_only(WebConfig::default());
    site.publish(1, vec![row("AUSDT", 90.0, 2e6)]);
    for name in ["alerts", "track", "status", "experiments"] {
        kept(&site, &format!("read-only-{name}"), &format!("/{name}")).await;
    }
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn the_sign_in_and_the_page_of_the_api() {
    let site = Site::start(WebConfig { bind: "0.0.0.0:0".parse().unwrap(), ..WebConfig::default() });
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    for lang in ["es", "en"] {
        let wish = ("Accept-Language", lang);
        let asked = site.get("/login?next=/alerts", &[wish]).await;
        let refused = site.ask("POST", "/login", &[wish, form], "token=guess&next=/alerts").await;
        let text = [asked, refused].map(|a| format!("{}\n{}", a.status, html_lines(&a.text))).join("\n\n");
        same_as_kept("pages", &format!("login-{lang}"), &text, &PASSING);
    }
    let open = Site::start(WebConfig::default());
    same_as_kept("pages", "docs", &html_lines(&open.get("/docs", &[]).await.text), &PASSING);
    open.server.stop(false).await;
    site.server.stop(false).await;
}
