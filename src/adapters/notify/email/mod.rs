//! E-mail over SMTP: text and HTML with the chart inside. A channel has one recipient, so that one who cannot be reached keeps
//! nothing from the others.

mod render;
mod settings;
mod smtp;

pub use settings::{EmailSettings, EmailTimes, Security};

use super::http::clean;
use crate::actors::ports::alerts::{AlertChannel, DeliveryError, Parcel, Receipt};
use crate::i18n::Reason;
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;

/// Messages to one list of recipients.
#[derive(Clone)]
pub struct Email(Rc<Inner>);

struct Inner {
    settings: EmailSettings,
    times: EmailTimes,
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Email").field("host", &self.0.settings.host).finish_non_exhaustive()
    }
}

impl Email {
    /// A channel over one server.
    pub fn new(settings: EmailSettings) -> Self {
        Self::with_times(settings, EmailTimes::default())
    }

    /// The same with other time limits.
    pub fn with_times(settings: EmailSettings, times: EmailTimes) -> Self {
        crate::adapters::net::install();
        Self(Rc::new(Inner { settings, times }))
    }
}

impl Inner {
    async fn deliver(&self, parcel: &Parcel) -> Result<Receipt, DeliveryError> {
        let (message, id) = render::message(parcel, &self.settings).map_err(|error| {
            DeliveryError::Rejected { reason: Reason::said(self.clean(&error.to_string())) }
        })?;
        let sent = smtp::send(&self.settings, self.times, message.envelope(), &message.formatted()).await;
        match sent {
            Ok(()) => Ok(Receipt { id: Some(id) }),
            Err(failure) => Err(failure.judge(|text| self.clean(text))),
        }
    }

    fn clean(&self, text: &str) -> String {
        clean(text, self.settings.password.as_slice())
    }
}

impl AlertChannel for Email {
    fn deliver(&self, parcel: Parcel) -> LocalBoxFuture<'static, Result<Receipt, DeliveryError>> {
        let inner = Rc::clone(&self.0);
        Box::pin(async move { inner.deliver(&parcel).await })
    }
}
