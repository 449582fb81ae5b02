//! Looks at the state file: what nobody has changed is not read again, and what anybody has changed is.

use impulso::actors::ports::alerts::{DeliveryState, Outgoing, Settled};
use impulso::actors::ports::state::OperationalState;
use impulso::adapters::state::StateDb;
use impulso::domain::alert::message::{Message, Notice};
use impulso::domain::moment::MachineTime;

fn notice(at: i64) -> Outgoing {
    let now = MachineTime::from_ms(at);
    let message = Message::Notice { at: now, notice: Notice::ChannelBack { channel: "x".to_owned() } };
    Outgoing { messages: vec![(message, vec!["mail".to_owned()])], now, ..Outgoing::default() }
}

#[test]
fn a_look_sees_what_was_written_here_and_by_another_process() {
    let dir = tempfile::tempdir().expect("a folder");
    let open = || StateDb::open(dir.path()).expect("a state");
    let (own, other) = (open(), open());
    let at = MachineTime::from_ms;
    let due = |now| own.take_due("mail", at(now)).expect("read");
    let owed = || own.owed_to_history(9).expect("read").deliveries.len();
    let waiting = || own.counts("mail").expect("read")[0];
    assert_eq!((due(50), owed(), waiting()), (None, 0, 0));
    // Values by key change nothing of it, whoever writes them.
    own.put("report", "1").expect("written");
    other.put("report", "2").expect("written");
    own.check(at(40)).expect("written");
    assert_eq!((due(50), owed(), waiting()), (None, 0, 0));

    other.enqueue(&notice(60)).expect("written");
    assert_eq!((owed(), waiting()), (1, 1), "by another process");
    assert_eq!(due(59), None, "not before its time");
    own.put("report", "3").expect("written");
    let taken = due(60).expect("nobody wrote, and its time has come");
    assert_eq!((waiting(), owed()), (0, 1));
    let settled = Settled {
        state: DeliveryState::Sent,
        next_attempt_at: None,
        reason: None,
        receipt: None,
        counts: true,
    };
    own.settle(taken.id, &settled, at(61)).expect("written");
    assert_eq!((due(99), own.counts("mail").expect("read")), (None, [0, 0, 1, 0, 0]));

    own.enqueue(&notice(70)).expect("written");
    assert_eq!((owed(), waiting()), (2, 1), "by this one");
    let reach = own.owed_to_history(9).expect("read").reach;
    own.given_to_history(&reach).expect("written");
    assert_eq!(owed(), 0);
    other.settle(due(70).expect("due").id, &settled, at(71)).expect("written");
    assert_eq!((owed(), due(99)), (1, None));
    assert_eq!(own.next_order().expect("read"), None);
}
