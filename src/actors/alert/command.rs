//! Commands that people write to the bot: pure.

use crate::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};

/// Longest name of a pair that is taken, characters. Far above the exchange's longest.
const MAX_SYMBOL: usize = 32;
/// Longer is a slip of the keyboard: for good is said by leaving the span out.
const MAX_MUTE_MS: i64 = 365 * DAY_MS;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The best pairs of now.
    Top,
    /// One pair in full.
    Symbol(String),
    /// No alerts of a pair for a while.
    Mute {
        /// The pair; `*` for all.
        symbol: String,
        /// For how long, ms.
        for_ms: i64,
    },
    /// Alerts of a pair again.
    Unmute(String),
    /// How the scanner is.
    Status,
    Help,
}

/// The forms that would be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongForm(pub(crate) &'static [&'static str]);

impl Command {
    /// Every command as it is written.
    pub(crate) const USAGE: &'static [&'static str] =
        &["/top", "/symbol BTCUSDT", "/mute BTCUSDT 30m|1h|2d", "/unmute BTCUSDT", "/status", "/help"];

    /// Reads a text: `None` when it is no command for this bot.
    pub fn parse(text: &str) -> Option<Result<Self, WrongForm>> {
        let mut words = text.split_whitespace();
        let first = words.next()?.strip_prefix('/')?;
        let (name, bot) = first.split_once('@').map_or((first, None), |(name, bot)| (name, Some(bot)));
        let args: Vec<&str> = words.collect();
        let usage = |index: usize| WrongForm(&Self::USAGE[index..=index]);
        Some(match (name.to_ascii_lowercase().as_str(), args.as_slice()) {
            ("top", _) => Ok(Self::Top),
            ("status", _) => Ok(Self::Status),
            ("help" | "start", _) => Ok(Self::Help),
            ("symbol", [name]) => pair(name).map(Self::Symbol).ok_or_else(|| usage(1)),
            ("mute", [name]) => mute(name, "1h").ok_or_else(|| usage(2)),
            ("mute", [name, span]) => mute(name, span).ok_or_else(|| usage(2)),
            ("unmute", [name]) => pair_or_all(name).map(Self::Unmute).ok_or_else(|| usage(3)),
            ("symbol", _) => Err(usage(1)),
            ("mute", _) => Err(usage(2)),
            ("unmute", _) => Err(usage(3)),
            // In a group it is meant for another bot.
            _ if bot.is_some() => return None,
            _ => Err(WrongForm(Self::USAGE)),
        })
    }
}

fn mute(name: &str, span: &str) -> Option<Command> {
    Some(Command::Mute { symbol: pair_or_all(name)?, for_ms: duration(span)? })
}

/// A pair in upper case; `btc/usdt` and `btc-usdt` are understood too.
fn pair(name: &str) -> Option<String> {
    let symbol: String =
        name.chars().filter(|c| *c != '/' && *c != '-').flat_map(char::to_uppercase).collect();
    let good = !symbol.is_empty() && symbol.chars().count() <= MAX_SYMBOL;
    (good && symbol.chars().all(char::is_alphanumeric)).then_some(symbol)
}

fn pair_or_all(name: &str) -> Option<String> {
    if name == "*" || name.eq_ignore_ascii_case("all") { Some("*".to_owned()) } else { pair(name) }
}

/// `30m`, `1h` or `2d` in ms.
fn duration(text: &str) -> Option<i64> {
    let (at, unit) = text.char_indices().next_back()?;
    let unit = match unit.to_ascii_lowercase() {
        'm' => MINUTE_MS,
        'h' => HOUR_MS,
        'd' => DAY_MS,
        _ => return None,
    };
    let number = text.get(..at).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    let span = number.parse::<i64>().ok()?.checked_mul(unit)?;
    (1..=MAX_MUTE_MS).contains(&span).then_some(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(text: &str) -> Command {
        Command::parse(text).unwrap().unwrap()
    }

    fn mute(symbol: &str, for_ms: i64) -> Command {
        Command::Mute { symbol: symbol.to_owned(), for_ms }
    }

    #[test]
    fn every_command_in_every_form() {
        assert_eq!(ok("/top"), Command::Top);
        assert_eq!(ok(" /TOP@ImpulsoBot  10"), Command::Top);
        assert_eq!(ok("/symbol btcusdt"), Command::Symbol("BTCUSDT".into()));
        assert_eq!(ok("/symbol@bot\tBtc/Usdt"), Command::Symbol("BTCUSDT".into()));
        assert_eq!(ok("/symbol 币安人生usdt"), Command::Symbol("币安人生USDT".into()));
        assert_eq!(ok("/mute ethusdt"), mute("ETHUSDT", HOUR_MS));
        assert_eq!(ok("/mute ETHUSDT 30m"), mute("ETHUSDT", 30 * MINUTE_MS));
        assert_eq!(ok("/mute ethusdt 2D"), mute("ETHUSDT", 2 * DAY_MS));
        assert_eq!(ok("/mute all 1h"), mute("*", HOUR_MS));
        assert_eq!(ok("/unmute ethusdt"), Command::Unmute("ETHUSDT".into()));
        assert_eq!(
            (ok("/status"), ok("/help"), ok("/start")),
            (Command::Status, Command::Help, Command::Help)
        );
    }

    #[test]
    fn wrong_forms_are_told_the_right_one() {
        for text in ["/symbol", "/symbol a b", "/symbol <b>", "/symbol ", "/symbol --"] {
            assert_eq!(Command::parse(text), Some(Err(WrongForm(&["/symbol BTCUSDT"]))), "{text}");
        }
        let spans = ["0h", "h", "-1h", "1", "1w", "9999d", "99999999999999999999m", "1h 2", "1é", "+5m", "é"];
        for span in spans {
            let text = format!("/mute BTCUSDT {span}");
            assert!(
                matches!(Command::parse(&text), Some(Err(WrongForm([usage]))) if usage.contains("30m")),
                "{text}"
            );
        }
        assert_eq!(Command::parse("/dance"), Some(Err(WrongForm(Command::USAGE))));
    }

    #[test]
    fn what_is_no_command_is_left_alone() {
        for text in ["", "  ", "hello", "top", "see /top", "/dance@otherbot"] {
            assert_eq!(Command::parse(text), None, "{text}");
        }
    }

    #[test]
    fn long_names_are_refused() {
        let told = Command::parse(&format!("/symbol {}", "A".repeat(33))).unwrap();
        assert_eq!(told, Err(WrongForm(&["/symbol BTCUSDT"])));
    }
}
