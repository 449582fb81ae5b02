//! Answers commands that allowed chats write to the Telegram bot.

use crate::actors::alert::command::{Command, WrongForm};
use crate::actors::common::Common;
use crate::actors::operator::OperatorService;
use crate::actors::ports::Clock;
use crate::actors::ports::state::OperationalState;
use crate::actors::view::LiveView;
use crate::adapters::clock::SystemClock;
use crate::adapters::notify::telegram::{ChatMoves, TelegramUpdates, Update, escape_html};
use crate::app::channels::TelegramShared;
use crate::domain::ranking::Row;
use crate::domain::report::{Level, NotReady, Report};
use crate::domain::score::level::LevelThresholds;
use crate::exchange::backoff::{Backoff, BackoffPolicy};
use crate::i18n::Texts;
use crate::i18n::number::{price, short_volume};
use crate::settings::Settings;
use crate::settings::channels::parse_chat;
use rand::Rng;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// The first update that has not been answered.
const OFFSET_KEY: &str = "telegram_offset";
/// Between looks whether it is this scanner's turn to answer: who asks the bot waits a second longer once, after a takeover.
const WAIT_FOR_TURN: Duration = Duration::from_secs(1);
/// As many as a phone shows without scrolling.
const TOP: usize = 10;

/// A group may have hundreds of members, and whoever is added to it reads along: there only those may change something who
/// are named. A private chat is one person's, who is named by the chat.
fn may_change(update: &Update, users: &[String]) -> bool {
    let named =
        |user: &String| update.from.iter().any(|own| !own.is_empty() && own.eq_ignore_ascii_case(user));
    users.iter().any(named) || (update.private && users.is_empty())
}

/// What is put down as the author of a change.
fn author(update: &Update) -> String {
    let [number, name] = &update.from;
    let who = if name.is_empty() { number } else { name };
    if who.is_empty() { "telegram".to_owned() } else { format!("telegram:{who}") }
}

/// What the answers are made of.
pub(super) struct Bot {
    updates: TelegramUpdates,
    chats: BTreeSet<String>,
    moves: Arc<ChatMoves>,
    /// Who may change something in a group.
    users: Vec<String>,
    t: &'static Texts,
    /// Of the calibrated chance.
    chances: LevelThresholds,
    view: Arc<LiveView>,
    operator: Arc<OperatorService>,
    state: Arc<dyn OperationalState>,
    common: Common,
}

impl Bot {
    /// `None` where no bot answers.
    pub(super) fn new(
        settings: &Settings,
        shared: &TelegramShared,
        common: &Common,
        operator: Arc<OperatorService>,
        state: Arc<dyn OperationalState>,
    ) -> Option<Self> {
        let own = &settings.channels.telegram;
        if !own.common.enabled || !own.commands {
            return None;
        }
        let chats = own.chats.iter().filter_map(|chat| Some(parse_chat(chat)?.0)).collect();
        Some(Self {
            updates: TelegramUpdates::new(&own.base_url, &own.token, &shared.limits),
            chats,
            moves: Arc::clone(&shared.moves),
            users: own.command_users.clone(),
            t: own.common.language(settings.alert.language).texts(),
            chances: settings.model.levels,
            view: Arc::clone(&common.view),
            operator,
            state,
            common: common.clone(),
        })
    }

    fn offset(&self) -> i64 {
        let kept = self.state.get(OFFSET_KEY).ok().flatten();
        kept.and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// Hears and answers for ever.
    pub(super) async fn run(self) {
        // A minute at most: whoever writes to the bot after an outage waits no longer.
        let policy = BackoffPolicy { base_ms: 1_000, cap_ms: 60_000, stable_ms: 30_000 };
        let (mut backoff, clock) = (Backoff::new(policy), SystemClock::new());
        let mut offset = self.offset();
        loop {
            if !self.common.is_active() {
                // Telegram lets one poll: of two scanners the one that sends answers, and goes on where the other was.
                tokio::time::sleep(WAIT_FOR_TURN).await;
                offset = offset.max(self.offset());
                continue;
            }
            let now = clock.mono_time();
            match self.updates.poll(offset).await {
                Ok(updates) => {
                    backoff.succeeded(now);
                    for update in updates {
                        offset = offset.max(update.update_id + 1);
                        // Put down before it is done: a command must not be done twice.
                        if let Err(error) = self.state.put(OFFSET_KEY, &offset.to_string()) {
                            tracing::warn!(%error, "the bot's update offset could not be written");
                        }
                        self.answer(&update).await;
                    }
                }
                Err(error) => {
                    let wait_ms = backoff.failed(now, rand::rng().next_u64());
                    tracing::warn!(%error, wait_ms, "the Telegram bot hears no commands just now");
                    // Also for the 409 that Telegram gives while another poll of the bot is open, as one of an earlier
                    // run may be: it ends by waiting.
                    tokio::time::sleep(Duration::from_millis(u64::try_from(wait_ms).unwrap_or(1_000))).await;
                }
            }
        }
    }

    async fn answer(&self, update: &Update) {
        if !self.chats.iter().any(|chat| self.moves.current(chat) == update.chat_id) {
            metrics::counter!("impulso_telegram_refused_total").increment(1);
            return;
        }
        let Some(command) = Command::parse(&update.text) else { return };
        metrics::counter!("impulso_telegram_commands_total").increment(1);
        let html = match command {
            Ok(Command::Mute { .. } | Command::Unmute(_)) if !may_change(update, &self.users) => {
                metrics::counter!("impulso_telegram_refused_total").increment(1);
                self.t.bot_may_not()
            }
            Ok(command) => self.done(&command, &author(update)),
            Err(WrongForm(right)) => format!("{}\n{}", self.t.bot_usage(), forms(right)),
        };
        if let Err(error) = self.updates.reply(&update.chat_id, update.topic, &html).await {
            tracing::warn!(%error, "an answer of the Telegram bot was not delivered");
        }
    }

    fn done(&self, command: &Command, by: &str) -> String {
        match command {
            Command::Top => self.top(),
            Command::Symbol(name) => self.symbol(name),
            Command::Mute { symbol, for_ms } => self.mute(symbol, *for_ms, by),
            Command::Unmute(symbol) => match self.operator.unmute(symbol) {
                Ok(true) => self.t.bot_unmuted(escape_html(symbol)),
                Ok(false) => self.t.bot_not_muted(escape_html(symbol)),
                Err(error) => self.failed(&error),
            },
            Command::Status => self.status(),
            Command::Help => format!("<b>Impulso</b>\n{}", forms(Command::USAGE)),
        }
    }

    fn failed(&self, error: &std::io::Error) -> String {
        tracing::error!(%error, "a command of the Telegram bot failed");
        self.t.bot_failed()
    }

    fn mute(&self, symbol: &str, for_ms: i64, by: &str) -> String {
        let known = symbol == "*" || self.view.reports().iter().any(|r| r.symbol.as_str() == symbol);
        if !known {
            return self.unknown(symbol);
        }
        match self.operator.mute(symbol, Some(for_ms), by) {
            Ok(_) => self.t.bot_muted(escape_html(symbol), for_ms / 60_000),
            Err(error) => self.failed(&error),
        }
    }

    fn unknown(&self, symbol: &str) -> String {
        self.t.bot_unknown(escape_html(symbol))
    }

    fn top(&self) -> String {
        let Some(published) = self.view.published() else {
            return self.t.bot_no_ranking();
        };
        let line = |row: &Row| {
            let a = &row.analysis;
            let name = escape_html(row.symbol.as_str());
            let chance = row.calibrated_7_5.map_or_else(String::new, |c| format!(" · {}", self.chance(c)));
            format!("{} <b>{name}</b> {:.1}{chance} · {}", row.level, a.total_score, price(a.current_price))
        };
        let lines: Vec<String> = published.snapshot.rows.iter().take(TOP).map(line).collect();
        format!("<b>Top {}</b>\n{}", lines.len(), lines.join("\n"))
    }

    /// A chance in whole percent.
    fn chance(&self, chance: f64) -> String {
        format!("{:.0}%", self.chances.rounded(chance, 0))
    }

    fn symbol(&self, name: &str) -> String {
        let reports = self.view.reports();
        let Some(report) = reports.iter().find(|r| r.symbol.as_str() == name) else {
            return self.unknown(name);
        };
        format!("<b>{}</b>\n{}", escape_html(name), self.details(report))
    }

    fn details(&self, report: &Report) -> String {
        let Some(a) = &report.analysis else {
            let r = &report.readiness;
            let reason = r.reason.map_or("-", NotReady::as_str);
            return self.t.bot_not_analysed(reason, r.ready_candles, r.needed_candles);
        };
        let c = &a.components;
        // The level in force, as everywhere; the pair's own answer may be some seconds newer.
        let published = self.view.published();
        let row = published.as_ref().and_then(|p| p.snapshot.row(report.symbol.as_str()));
        let level = row.map_or(Level::Descartada, |row| row.level);
        let level = if level == Level::Descartada { "-" } else { level.as_str() };
        let chance = row.and_then(|row| row.calibrated_7_5);
        let chance = chance.map_or_else(|| format!("{:.2}%", a.probability_7_5), |c| self.chance(c));
        let t = self.t;
        format!(
            "{level} · {:.1}\n{} {:.0} · {} {:.0} · {} {:.0} · {} {:.0} · {} {:.1}\nProb +7.5% {chance}\n{} · 24 h {} USDT",
            a.total_score,
            t.part_rsi(),
            c.rsi,
            t.part_macd(),
            c.macd,
            t.part_volume(),
            c.volume,
            t.part_velocity(),
            c.velocity,
            t.part_breakout(),
            c.breakout,
            t.alert_price(price(a.current_price)),
            short_volume(a.volume_24h),
        )
    }

    fn status(&self) -> String {
        let status = self.view.status();
        let t = self.t;
        let coverage = self.view.published().map_or_else(
            || "-".to_owned(),
            |p| format!("{}/{}", p.snapshot.coverage.analyzable, p.snapshot.coverage.universe),
        );
        let channels: Vec<String> = self
            .view
            .channels()
            .iter()
            .map(|c| format!("{} {}", escape_html(&c.name), if c.dead_channel { "✗" } else { "✓" }))
            .collect();
        let lines = [
            t.bot_market(status.feed.in_words(t)),
            t.bot_coverage(coverage),
            t.bot_cycles(status.cycles_published),
            channels.join(" · "),
        ];
        lines.join("\n")
    }
}

fn forms(of_commands: &[&str]) -> String {
    format!("<code>{}</code>", escape_html(&of_commands.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_group_only_named_users_change_something() {
        let update = |private, name: &str| Update {
            update_id: 1,
            chat_id: "1".to_owned(),
            private,
            from: ["5".to_owned(), name.to_owned()],
            topic: None,
            text: String::new(),
        };
        let users = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert!(may_change(&update(true, ""), &[]) && !may_change(&update(false, "@ann"), &[]));
        assert!(may_change(&update(false, "@Ann"), &users(&["@ann"])));
        assert!(
            may_change(&update(false, ""), &users(&["5"])) && !may_change(&update(false, ""), &users(&[""]))
        );
        assert!(!may_change(&update(true, "@bob"), &users(&["@ann"])), "the list stands for all chats");
        assert_eq!(
            (author(&update(false, "@ann")), author(&update(false, ""))),
            ("telegram:@ann".to_owned(), "telegram:5".to_owned())
        );
    }
}
