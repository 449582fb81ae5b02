//! What mends a channel that its receiver does not let through any more.

use serde::{Deserialize, Serialize};

/// The step that somebody has to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// The bot's token is not known.
    TelegramToken,
    /// The bot is not in the chat, or the chat does not exist.
    TelegramChat,
    /// The bot may not write there.
    TelegramRights,
    /// The webhook was deleted.
    DiscordWebhook,
    /// The webhook's address does not take messages.
    WebhookAddress,
    /// Name or password of the mail server.
    MailLogin,
    /// The mail server does not know the recipient.
    MailRecipient,
    /// The mail server refuses the sender.
    MailSender,
    /// Address, protection or certificate of the mail server.
    MailServer,
    /// The receiver refuses one message after the other: those are lost, for a reason that it says.
    Refused,
}
