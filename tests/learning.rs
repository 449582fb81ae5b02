//! The learned side: model, replay, tuning, arms.
mod support;

mod learning {
    mod arms;
    mod correction;
    mod longer_history;
    mod model;
    mod reference;
    mod replay;
    mod tune;
}
