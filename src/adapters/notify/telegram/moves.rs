//! Groups that became supergroups have another number since.

use parking_lot::Mutex;
use std::collections::BTreeMap;

/// Keeps the moves as text, for the next start.
type Keep = Box<dyn Fn(&str) + Send + Sync>;

/// The numbers that chats have now, by those of the settings; shared by all channels of one bot and by its ear.
#[derive(Default)]
pub struct ChatMoves {
    /// Never held over an await.
    now: Mutex<BTreeMap<String, String>>,
    keep: Option<Keep>,
}

impl std::fmt::Debug for ChatMoves {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatMoves").field("now", &self.now).finish_non_exhaustive()
    }
}

impl ChatMoves {
    /// Those that an earlier run kept, as it wrote them; `keep` is called with each change.
    pub fn kept(text: Option<&str>, keep: impl Fn(&str) + Send + Sync + 'static) -> Self {
        let now = text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        Self { now: Mutex::new(now), keep: Some(Box::new(keep)) }
    }

    /// The number of a chat of the settings now.
    pub fn current(&self, chat: &str) -> String {
        let now = self.now.lock();
        now.get(chat).cloned().unwrap_or_else(|| chat.to_owned())
    }

    pub(super) fn moved(&self, chat: &str, to: i64) {
        tracing::warn!(
            chat,
            to,
            "the Telegram group became a supergroup with another number; it is followed"
        );
        let text = {
            let mut now = self.now.lock();
            now.insert(chat.to_owned(), to.to_string());
            serde_json::to_string(&*now).unwrap_or_default()
        };
        if let Some(keep) = &self.keep {
            keep(&text);
        }
    }
}
