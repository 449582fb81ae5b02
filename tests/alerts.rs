//! Alerts on their way out: outbox, a week with faults, the channels against real receivers.
mod support;

mod alerts {
    mod channels {
        mod discord;
        mod email;
        mod fixture;
        mod telegram;
        mod webhook;
        mod words;
    }
    mod outbox;
    mod simulate;
    mod week;
}
